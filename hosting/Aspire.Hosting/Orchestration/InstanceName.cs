using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>The name of one instance of a resource: <c>{resource}-{8 lower-case letters}</c>, as Aspire names them.</summary>
/// <param name="Id">The whole name: the row in the dashboard, the argument to the CLI.</param>
/// <param name="Suffix">The letters: OpenTelemetry's <c>service.instance.id</c>.</param>
internal sealed record InstanceName(string Id, string Suffix)
{
    private const int SuffixLength = 8;
    private const int MostReplicas = 1024;

    /// <summary>
    /// Names the instances of every resource that runs as processes. It comes before any event of the application, since
    /// whoever publishes to a resource's rows has to know them.
    /// </summary>
    public static void AssignTo(IEnumerable<IResource> resources)
    {
        foreach (var resource in resources.Where(r => r is ProjectResource or ExecutableResource))
        {
            var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault();
            var instances = NewIds(resource, replicas?.Replicas ?? 1);
            resource.Annotations.Add(replicas is null
                ? new ResourceInstancesAnnotation([.. instances])
                : new ResourceInstancesAnnotation([resource.Name, .. instances], [.. NewIds(resource, MaximumReplicas(resource) - replicas.Replicas)]));
        }
    }

    /// <summary>The instances named before, spares last, without the group's row.</summary>
    public static IReadOnlyList<InstanceName> Of(IResource resource) =>
        [.. resource.Annotations.OfType<ResourceInstancesAnnotation>().Last().All
            .Where(id => id != resource.Name)
            .Select(id => new InstanceName(id, id[(resource.Name.Length + 1)..]))];

    /// <summary>As many replicas as the resource may have, from its initial snapshot; 0 when it says nothing.</summary>
    private static int MaximumReplicas(IResource resource) =>
        resource.Annotations.OfType<ResourceSnapshotAnnotation>().LastOrDefault()?.InitialSnapshot.Properties.GetNumber(KnownPropertyNames.MaximumReplicas) is { } maximum
            ? (int)Math.Min(maximum, MostReplicas)
            : 0;

    private static IEnumerable<string> NewIds(IResource resource, int count) =>
        Enumerable.Range(0, Math.Max(count, 0)).Select(_ => $"{resource.Name}-{NewSuffix()}");

    private static string NewSuffix() => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", SuffixLength);
}
