using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Configuration;

/// <summary>
/// How a group of replicas follows its load, as Kubernetes' HorizontalPodAutoscaler does: each target says how many replicas the load
/// needs, the larger number counts, and a tenth more or less than the target changes nothing.
/// </summary>
public sealed record AutoscalingOptions
{
    /// <summary>
    /// How many replicas there are at least (the autoscaler's <c>minReplicas</c>). Default: the group's count; 1 to one less than the
    /// group's maximum, which is the most there are.
    /// </summary>
    public int? MinReplicas { get; init; }

    /// <summary>
    /// How many requests in flight are meant for each replica, as nginx counts them. Default 10, as for HTTP in Azure Container Apps
    /// (<c>concurrentRequests</c>); 0.1 to 100,000, and <see langword="null"/> for a group that does not follow them. It needs an nginx of
    /// <c>Aspire.Hosting.Nginx</c> in front that has telemetry; without one it is not looked at.
    /// </summary>
    public double? RequestsPerReplica { get; init; } = 10;

    /// <summary>
    /// How many processors each replica, with what it started, is meant to keep busy. Default 0.7, of one core; 0.01 to 1,000, and
    /// <see langword="null"/> for a group that does not follow them.
    /// </summary>
    public double? ProcessorsPerReplica { get; init; } = 0.7;

    /// <summary>
    /// The time over which the load is averaged. Default 15 s, the autoscaler's period; 1 s to 1 h. It begins anew at each step, and so
    /// it is the shortest time from one step to one up.
    /// </summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long the load must need fewer replicas before there are fewer (the autoscaler's <c>stabilizationWindowSeconds</c>), and how long
    /// nothing is changed after a manual step. Default 5 min; <see cref="Window"/> to 24 h.
    /// </summary>
    public TimeSpan ScaleDownAfter { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>Says that a group follows its load, and how.</summary>
internal sealed class AutoscalingAnnotation : IResourceAnnotation
{
    public AutoscalingOptions Options { get; set; } = new();
}
