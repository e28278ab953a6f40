namespace Aspire.Hosting.Kubernetes.Model;

/// <summary>What a workload is, which decides what its container may do.</summary>
internal enum WorkloadKind
{
    /// <summary>A .NET project: its image is built from it.</summary>
    Project,

    /// <summary>An nginx with a configuration of ours.</summary>
    Nginx,

    /// <summary>Another image, of which little is known.</summary>
    Container,
}
