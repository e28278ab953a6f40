using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>In which order supervised resources stop: those that wait for others at the start go before them at the end.</summary>
internal static class StopOrder
{
    /// <summary>Those that stop together, first to last. Resources that wait for each other stop together at the end.</summary>
    public static IEnumerable<IReadOnlyList<SupervisedResource>> Of(IReadOnlyCollection<SupervisedResource> resources)
    {
        var left = resources.ToList();
        while (left.Count > 0)
        {
            SupervisedResource[] free = [.. left.Where(resource => !left.Any(other => other != resource && WaitsFor(other, resource)))];
            var next = free.Length > 0 ? free : [.. left];
            yield return next;
            left.RemoveAll(next.Contains);
        }
    }

    private static bool WaitsFor(SupervisedResource resource, SupervisedResource dependency) =>
        resource.Members.SelectMany(member => member.Annotations.OfType<WaitAnnotation>())
            .Any(wait => wait.Resource == dependency.Resource || dependency.Members.Contains(wait.Resource));
}
