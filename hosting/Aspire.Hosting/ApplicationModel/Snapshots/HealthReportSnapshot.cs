using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The last outcome of one health check of a resource.</summary>
/// <param name="Name">The key of the check.</param>
/// <param name="Status">The outcome; <see langword="null"/> before the check has run.</param>
/// <param name="Description">What the check said.</param>
/// <param name="ExceptionText">The exception of a failed check.</param>
[DebuggerDisplay("{Status}", Name = "{Name}")]
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    /// <summary>Gets when the check ran last, in UTC; <see langword="null"/> before it has run.</summary>
    public DateTime? LastRunAt { get; init; }
}
