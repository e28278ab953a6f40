using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Configuration;

/// <summary>
/// Options of <c>WithAutoscaling</c>: how the number of replicas follows the load, as with Kubernetes' HorizontalPodAutoscaler.
/// </summary>
/// <remarks>
/// Each target says how many replicas the load needs, and the larger number counts. A load within a tenth of the target changes nothing.
/// </remarks>
public sealed record AutoscalingOptions
{
    /// <summary>
    /// The smallest number of replicas (the autoscaler's <c>minReplicas</c>). Default: the group's count; 1 to one less than the
    /// group's maximum.
    /// </summary>
    public int? MinReplicas { get; init; }

    /// <summary>
    /// The target number of requests in flight per replica, as nginx counts them. Default 10, as for HTTP in Azure Container Apps
    /// (<c>concurrentRequests</c>); 0.1 to 100,000, or <see langword="null"/> to ignore requests. It needs an nginx of
    /// <c>Aspire.Hosting.Nginx</c> with telemetry in front, and is ignored without one.
    /// </summary>
    public double? RequestsPerReplica { get; init; } = 10;

    /// <summary>
    /// The target processor use per replica, its child processes included, in cores. Default 0.7; 0.01 to 1,000, or
    /// <see langword="null"/> to ignore processors.
    /// </summary>
    public double? ProcessorsPerReplica { get; init; } = 0.7;

    /// <summary>
    /// The time over which the load is averaged. Default 15 s, the autoscaler's period; 1 s to 1 h. It starts over after each step, so it
    /// is also the shortest time between two steps up.
    /// </summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long the load must need fewer replicas before some are stopped (the autoscaler's <c>stabilizationWindowSeconds</c>), and how
    /// long a manual change is left alone. Default 5 min; <see cref="Window"/> to 24 h.
    /// </summary>
    public TimeSpan ScaleDownAfter { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>Marks a group that is scaled by its load, and holds the options.</summary>
internal sealed class AutoscalingAnnotation : IResourceAnnotation
{
    public AutoscalingOptions Options { get; set; } = new();
}
