using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Changes to a snapshot that its initializers do not offer.</summary>
public static class CustomResourceSnapshotExtensions
{
    /// <summary>Makes a snapshot with other health reports; its health follows from them.</summary>
    /// <param name="snapshot">The snapshot to start from.</param>
    /// <param name="healthReports">The outcomes of all health checks of the resource.</param>
    /// <returns>The new snapshot.</returns>
    public static CustomResourceSnapshot WithHealthReports(this CustomResourceSnapshot snapshot, ImmutableArray<HealthReportSnapshot> healthReports)
    {
        ArgumentNullException.ThrowIfNull(snapshot);

        return snapshot with { HealthReports = healthReports };
    }
}
