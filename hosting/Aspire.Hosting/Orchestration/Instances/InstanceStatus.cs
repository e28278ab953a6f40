using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>What the group's row needs to know of one instance.</summary>
/// <param name="State">State text, as shown.</param>
/// <param name="Health">Health while running; <see langword="null"/> otherwise.</param>
internal sealed record InstanceStatus(string State, HealthStatus? Health);
