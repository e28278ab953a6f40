using System.Collections.Immutable;

namespace Aspire.Hosting.Kubernetes.Model;

/// <summary>An Ingress.</summary>
internal sealed record IngressDefinition
{
    public required string Name { get; init; }

    /// <summary>The class of controller that serves it, or null for the cluster's default.</summary>
    public string? ClassName { get; init; }

    public ImmutableArray<string> Hosts { get; init; } = [];

    public ImmutableArray<IngressRoute> Routes { get; init; } = [];

    /// <summary>Where everything else leads.</summary>
    public (string Workload, int Port)? DefaultBackend { get; init; }

    /// <summary>The secrets with certificates for <see cref="Hosts"/>.</summary>
    public ImmutableArray<string> TlsSecrets { get; init; } = [];

    public ImmutableArray<KeyValuePair<string, string>> Annotations { get; init; } = [];
}
