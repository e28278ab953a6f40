using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Runtime;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class StopOrderTests
{
    [Fact]
    public void Stops_what_waits_for_others_first()
    {
        var (database, api, proxy, other) = (Program("database"), Program("api"), Program("proxy"), Program("other"));
        Wait(api, database);
        Wait(proxy, api);

        Assert.Equal([["proxy", "other"], ["api"], ["database"]], Order(database, api, proxy, other));
    }

    [Fact]
    public void Takes_a_wait_for_a_replica_for_one_for_its_group()
    {
        var (group, proxy) = (new ReplicaGroupResource("api", 1, 1), Program("proxy"));
        group.Replicas = [new ProjectResource("api-1")];
        Wait(proxy, group.Replicas[0]);

        Assert.Equal([["proxy"], ["api"]], Order(group, proxy));
    }

    [Fact]
    public void Takes_a_wait_of_a_replica_for_one_of_its_group()
    {
        var (group, database) = (new ReplicaGroupResource("api", 1, 1), Program("database"));
        group.Replicas = [new ProjectResource("api-1")];
        Wait(group.Replicas[0], database);

        Assert.Equal([["api"], ["database"]], Order(database, group));
    }

    [Fact]
    public void Stops_together_what_waits_for_each_other()
    {
        var (first, second, proxy) = (Program("first"), Program("second"), Program("proxy"));
        Wait(first, second);
        Wait(second, first);
        Wait(proxy, first);

        Assert.Equal([["proxy"], ["first", "second"]], Order(first, second, proxy));
    }

    private static ExecutableResource Program(string name) => new(name, "true", ".");

    private static void Wait(IResource resource, IResource dependency) =>
        resource.Annotations.Add(new WaitAnnotation(dependency, WaitType.WaitUntilHealthy));

    private static string[][] Order(params IResource[] resources)
    {
        var services = new SupervisorServices(
            null!,
            null!,
            new ResourceLoggerService(),
            null!,
            null!,
            null!,
            null!,
            null!,
            null!,
            TimeProvider.System,
            CancellationToken.None);
        SupervisedResource[] supervised = [.. resources.Select(resource => new SupervisedResource(resource, new(), services))];
        string[][] order = [.. StopOrder.Of(supervised).Select(together => together.Select(resource => resource.Resource.Name).ToArray())];
        Array.ForEach(supervised, resource => resource.Dispose());
        return order;
    }
}
