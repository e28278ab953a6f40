namespace Aspire.Hosting.Kubernetes.Model;

/// <summary>A port of a workload.</summary>
/// <param name="Name">Its name, at most 15 letters, digits and hyphens.</param>
/// <param name="ServicePort">Where others in the cluster reach it.</param>
/// <param name="ContainerPort">Where the container listens.</param>
internal sealed record WorkloadPort(string Name, int ServicePort, int ContainerPort);
