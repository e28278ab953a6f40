using Aspire.Hosting.Kubernetes.Model;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>What objects are called that stand for no resource.</summary>
internal static class ObjectNames
{
    /// <summary>The Secret with the secret parameters.</summary>
    public static string Secrets(ClusterApplication application) => $"{application.Name}-secrets";

    /// <summary>The ConfigMap with the other parameters that have no value yet.</summary>
    public static string Parameters(ClusterApplication application) => $"{application.Name}-parameters";

    public static string Configuration(Workload workload) => $"{workload.Name}-config";
}
