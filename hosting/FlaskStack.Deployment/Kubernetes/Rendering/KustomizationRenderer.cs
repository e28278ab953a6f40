using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>The file that holds the others together: what <c>kubectl apply -k</c> reads.</summary>
internal static class KustomizationRenderer
{
    /// <summary>Where the images of projects are looked for until somebody says where they are.</summary>
    private const string Registry = "registry.example.com";

    public static YamlMap Render(ClusterApplication application, IEnumerable<string> files) => new()
    {
        { "apiVersion", "kustomize.config.k8s.io/v1beta1" },
        { "kind", "Kustomization" },
        { "resources", new YamlList(files.Select(static file => (YamlNode)file)) },
        { "images", Images(application) },
    };

    private static YamlList? Images(ClusterApplication application)
    {
        var images = new YamlList(application.Workloads.Where(static workload => workload.Kind == WorkloadKind.Project).Select(workload => new YamlMap
        {
            { "name", workload.Image },
            { "newName", $"{Registry}/{application.Name}/{workload.Name}" },
            { "newTag", "latest" },
        }));
        return images.Count > 0 ? images : null;
    }
}
