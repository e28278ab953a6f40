using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>Everything that is decided before an instance's process starts.</summary>
/// <param name="Process">What the process layer starts.</param>
/// <param name="EnvironmentSnapshot">The environment as its row shows it.</param>
/// <param name="AppArguments">The resource's own arguments, without those of a launcher, and whether each is a secret.</param>
internal sealed record InstanceLaunch(
    ProcessSpec Process,
    ImmutableArray<EnvironmentVariableSnapshot> EnvironmentSnapshot,
    IReadOnlyList<(string Value, bool IsSensitive)> AppArguments);
