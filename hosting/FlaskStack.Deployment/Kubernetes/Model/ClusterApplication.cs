using System.Collections.Immutable;

namespace Aspire.Hosting.Kubernetes.Model;

/// <summary>An application as a cluster has it.</summary>
internal sealed record ClusterApplication
{
    /// <summary>What its objects are marked with.</summary>
    public required string Name { get; init; }

    /// <summary>The AppHost it was published by.</summary>
    public required string AppHost { get; init; }

    /// <summary>By name.</summary>
    public required ImmutableArray<Workload> Workloads { get; init; }

    /// <summary>By name.</summary>
    public ImmutableArray<IngressDefinition> Ingresses { get; init; } = [];
}
