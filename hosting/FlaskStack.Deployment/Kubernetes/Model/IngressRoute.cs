namespace Aspire.Hosting.Kubernetes.Model;

/// <summary>A path of an Ingress, and where it leads.</summary>
/// <param name="Host">The host it is for, or null for all of the Ingress.</param>
/// <param name="Path">The path.</param>
/// <param name="PathType">How the path is compared.</param>
/// <param name="Workload">The workload that answers.</param>
/// <param name="Port">The port of its Service.</param>
internal sealed record IngressRoute(string? Host, string Path, IngressPathType PathType, string Workload, int Port);
