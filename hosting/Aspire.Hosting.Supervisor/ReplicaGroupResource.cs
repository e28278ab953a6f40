namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The replicas of one project. When run, each replica is a resource of its own below this one, with its own port, health, console and
/// commands; when published, they are one project with a replica count.
/// </summary>
public sealed class ReplicaGroupResource : Resource, IResourceWithServiceDiscovery
{
    internal ReplicaGroupResource(string name, int count, int max)
        : base(name) => (Count, Max) = (count, max);

    /// <summary>How many replicas the application starts with; at least 1.</summary>
    public int Count { get; }

    /// <summary>Up to how many replicas it can be scaled to; at least <see cref="Count"/>.</summary>
    public int Max { get; }

    /// <summary>
    /// The replicas <c>name-1</c> … <c>name-max</c> when run, of which those above <see cref="Count"/> are standby: not started until
    /// somebody scales up or starts them. When published, the one project that stands for all of them.
    /// </summary>
    public IReadOnlyList<ProjectResource> Replicas { get; internal set; } = [];

    /// <summary>The replicas that start with the application.</summary>
    internal IEnumerable<ProjectResource> InUse => Replicas.Take(Count);
}
