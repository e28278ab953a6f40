using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>What the objects of an application are marked with, in Kubernetes' recommended words.</summary>
internal static class Labels
{
    private const string Name = "app.kubernetes.io/name";
    private const string PartOf = "app.kubernetes.io/part-of";

    public static YamlMap Metadata(ClusterApplication application, string name) => new()
    {
        { "name", name },
        { "labels", Of(application, name) },
    };

    public static YamlMap Of(ClusterApplication application, string name) => new()
    {
        { Name, name },
        { PartOf, application.Name },
    };

    /// <summary>Every pod of the application.</summary>
    public static YamlMap OfApplication(ClusterApplication application) => new() { { PartOf, application.Name } };
}
