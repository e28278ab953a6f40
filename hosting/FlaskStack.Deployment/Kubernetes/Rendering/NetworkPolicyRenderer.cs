using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>
/// Lets the application's own pods alone reach a workload that is not external: it believes what nginx says of clients, so that nobody
/// else may say it.
/// </summary>
internal static class NetworkPolicyRenderer
{
    public static YamlMap Render(ClusterApplication application, Workload workload) => new()
    {
        { "apiVersion", "networking.k8s.io/v1" },
        { "kind", "NetworkPolicy" },
        { "metadata", Labels.Metadata(application, workload.Name) },
        {
            "spec",
            new YamlMap
            {
                { "podSelector", new YamlMap { { "matchLabels", Labels.Of(application, workload.Name) } } },
                { "policyTypes", new YamlList { "Ingress" } },
                {
                    "ingress",
                    new YamlList
                    {
                        new YamlMap
                        {
                            { "from", new YamlList { new YamlMap { { "podSelector", new YamlMap { { "matchLabels", Labels.OfApplication(application) } } } } } },
                            { "ports", new YamlList(workload.Ports.Select(static port => new YamlMap { { "port", port.Name } })) },
                        },
                    }
                },
            }
        },
    };
}
