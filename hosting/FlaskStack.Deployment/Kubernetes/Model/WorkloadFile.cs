namespace Aspire.Hosting.Kubernetes.Model;

/// <summary>A file of a workload's configuration.</summary>
/// <param name="Key">Its key in the ConfigMap.</param>
/// <param name="Path">Its path below the folder of the configuration.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record WorkloadFile(string Key, string Path, byte[] Content);
