using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>How many pods load makes, and how many may go at once.</summary>
internal static class ScalingRenderer
{
    /// <summary>Of the processor time that a pod requests; above it there are more of them.</summary>
    private const int BusyPercent = 70;

    /// <summary>Load that comes in waves keeps its pods.</summary>
    private const int CalmSeconds = 300;

    public static YamlMap RenderAutoscaler(ClusterApplication application, Workload workload) => new()
    {
        { "apiVersion", "autoscaling/v2" },
        { "kind", "HorizontalPodAutoscaler" },
        { "metadata", Labels.Metadata(application, workload.Name) },
        {
            "spec",
            new YamlMap
            {
                { "scaleTargetRef", new YamlMap { { "apiVersion", "apps/v1" }, { "kind", "Deployment" }, { "name", workload.Name } } },
                { "minReplicas", workload.Replicas },
                { "maxReplicas", workload.MaxReplicas },
                {
                    "metrics",
                    new YamlList
                    {
                        new YamlMap
                        {
                            { "type", "Resource" },
                            {
                                "resource",
                                new YamlMap
                                {
                                    { "name", "cpu" },
                                    { "target", new YamlMap { { "type", "Utilization" }, { "averageUtilization", BusyPercent } } },
                                }
                            },
                        },
                    }
                },
                { "behavior", new YamlMap { { "scaleDown", new YamlMap { { "stabilizationWindowSeconds", CalmSeconds } } } } },
            }
        },
    };

    public static YamlMap RenderDisruptionBudget(ClusterApplication application, Workload workload) => new()
    {
        { "apiVersion", "policy/v1" },
        { "kind", "PodDisruptionBudget" },
        { "metadata", Labels.Metadata(application, workload.Name) },
        {
            "spec",
            new YamlMap
            {
                { "maxUnavailable", 1 },
                { "selector", new YamlMap { { "matchLabels", Labels.Of(application, workload.Name) } } },
            }
        },
    };
}
