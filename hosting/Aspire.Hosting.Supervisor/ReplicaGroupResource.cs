using Aspire.Hosting.Supervisor.Replicas;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The replicas of one project. When run, each replica is a resource of its own below this one, with its own port, health, console and
/// commands; when published, they are one project with a replica count.
/// </summary>
public sealed class ReplicaGroupResource : Resource, IResourceWithServiceDiscovery
{
    internal ReplicaGroupResource(string name, int count, int max)
        : base(name) => (Count, Max) = (count, max);

    /// <summary>The number of replicas that start with the application; at least 1.</summary>
    public int Count { get; }

    /// <summary>The most replicas it can be scaled to; at least <see cref="Count"/>.</summary>
    public int Max { get; }

    /// <summary>
    /// The replicas <c>name-1</c> … <c>name-max</c> when run. Those above <see cref="Count"/> are standby replicas, which start when the
    /// group is scaled up or when they are started by hand. When published, the one project that stands for all of them.
    /// </summary>
    public IReadOnlyList<ProjectResource> Replicas { get; internal set; } = [];

    /// <summary>The folder of the replicas' sockets, which exists as long as the application runs.</summary>
    internal ReplicaSockets Sockets { get; } = new();

    /// <summary>The replicas that start with the application.</summary>
    internal IEnumerable<ProjectResource> InUse => Replicas.Take(Count);
}
