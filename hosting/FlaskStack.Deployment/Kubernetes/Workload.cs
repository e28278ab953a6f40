using System.Collections.Immutable;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>A resource of the application as a cluster runs it.</summary>
internal sealed record Workload
{
    /// <summary>The name of the resource, in small letters.</summary>
    public required string Name { get; init; }

    public required WorkloadKind Kind { get; init; }

    /// <summary>The image; for a project a name that the kustomization gives a registry and a tag.</summary>
    public required string Image { get; init; }

    /// <summary>How many pods there are at least.</summary>
    public required int Replicas { get; init; }

    /// <summary>Up to how many pods load makes it; as many as <see cref="Replicas"/> when it is not scaled.</summary>
    public required int MaxReplicas { get; init; }

    public ImmutableArray<WorkloadPort> Ports { get; init; } = [];

    /// <summary>The environment, by name.</summary>
    public ImmutableArray<Variable> Variables { get; init; } = [];

    /// <summary>What to run instead of the image's entry point, or null for that.</summary>
    public string? Command { get; init; }

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

    /// <summary>Whether an Ingress or a Gateway leads to it, and so knows the clients.</summary>
    public bool IsRouted { get; init; }

    /// <summary>Whether it connects to services outside the application; of a project that is not known.</summary>
    public bool ReachesOthers { get; init; } = true;

    public bool IsScaled => MaxReplicas > Replicas;
}

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

/// <summary>A port of a workload.</summary>
/// <param name="Name">Its name, at most 15 letters, digits and hyphens.</param>
/// <param name="ServicePort">Where others in the cluster reach it.</param>
/// <param name="ContainerPort">Where the container listens.</param>
internal sealed record WorkloadPort(string Name, int ServicePort, int ContainerPort);

/// <summary>A file of a workload's configuration.</summary>
/// <param name="Path">Its path below the folder of the configuration.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record WorkloadFile(string Path, byte[] Content)
{
    /// <summary>Its key in the ConfigMap.</summary>
    public string Key => Path.Replace('/', '-');
}

/// <summary>How the cluster asks a workload how it is.</summary>
/// <param name="Port">The container port that is asked.</param>
/// <param name="ReadyPath">Where it says whether to send it requests.</param>
/// <param name="AlivePath">Where it says that it works at all; null asks whether it takes connections.</param>
/// <param name="StartTime">How long it may take until it is ready the first time.</param>
/// <param name="HangTime">How long it may not be alive before it is replaced, or null when it never is.</param>
internal sealed record WorkloadProbes(int Port, string ReadyPath, string? AlivePath, TimeSpan StartTime, TimeSpan? HangTime);
