using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>The Service under which a workload is reached by its name.</summary>
internal static class ServiceRenderer
{
    public static YamlMap Render(ClusterApplication application, Workload workload) => new()
    {
        { "apiVersion", "v1" },
        { "kind", "Service" },
        { "metadata", Labels.Metadata(application, workload.Name) },
        {
            "spec",
            new YamlMap
            {
                { "type", workload.ServiceType },
                { "selector", Labels.Of(application, workload.Name) },
                {
                    "ports",
                    new YamlList(workload.Ports.Select(static port => new YamlMap
                    {
                        { "name", port.Name },
                        { "port", port.ServicePort },
                        { "targetPort", port.Name },
                    }))
                },
            }
        },
    };
}
