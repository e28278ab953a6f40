using System.Collections.Immutable;
using Aspire.Hosting.Publishing.Values;

namespace Aspire.Hosting.Kubernetes.Model;

/// <summary>A resource of the application as a cluster runs it.</summary>
internal sealed record Workload
{
    /// <summary>The name of the resource, in small letters.</summary>
    public required string Name { get; init; }

    public required WorkloadKind Kind { get; init; }

    /// <summary>The image; for a project a name that the kustomization gives a registry and a tag.</summary>
    public required string Image { get; init; }

    public string ImagePullPolicy { get; init; } = "IfNotPresent";

    /// <summary>The type of its Service.</summary>
    public string ServiceType { get; init; } = "ClusterIP";

    /// <summary>How many pods there are at least.</summary>
    public required int Replicas { get; init; }

    /// <summary>Up to how many pods load makes it; as many as <see cref="Replicas"/> when it is not scaled.</summary>
    public required int MaxReplicas { get; init; }

    public ImmutableArray<WorkloadPort> Ports { get; init; } = [];

    /// <summary>The environment, by name.</summary>
    public ImmutableArray<PublishedVariable> Variables { get; init; } = [];

    /// <summary>What to run instead of the image's entry point; empty for the image's own.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    public ImmutableArray<PublishedValue> Arguments { get; init; } = [];

    /// <summary>Its probes, or null when nothing is known about its health.</summary>
    public WorkloadProbes? Probes { get; init; }

    /// <summary>The memory in bytes above which it is replaced.</summary>
    public required long MemoryLimit { get; init; }

    /// <summary>How long it may take to end after it was asked to.</summary>
    public required TimeSpan StopTime { get; init; }

    /// <summary>The files of its configuration.</summary>
    public ImmutableArray<WorkloadFile> Files { get; init; } = [];

    /// <summary>Where the container finds them.</summary>
    public string FilesFolder { get; init; } = "/config";

    /// <summary>Whether others than the application's own pods may reach it.</summary>
    public bool IsExternal { get; init; }

    public bool IsScaled => MaxReplicas > Replicas;
}
