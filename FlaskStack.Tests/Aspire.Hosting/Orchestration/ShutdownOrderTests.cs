using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace FlaskStack.Tests.Hosting.Orchestration;

public sealed class ShutdownOrderTests
{
    private readonly ExecutableResource _proxy = new("proxy", "true", "/");
    private readonly ExecutableResource _api = new("api", "true", "/");
    private readonly ExecutableResource _database = new("database", "true", "/");

    [Fact]
    public void Stops_a_dependent_before_what_it_waits_for()
    {
        _proxy.Annotations.Add(new WaitAnnotation(_api, WaitType.WaitUntilHealthy));
        _api.Annotations.Add(new WaitAnnotation(_database, WaitType.WaitUntilHealthy));

        Assert.Equal([["proxy"], ["api"], ["database"]], Names(ShutdownOrder.Layers([_database, _api, _proxy])));
    }

    [Fact]
    public void Counts_references_as_dependencies_but_not_parents()
    {
        _proxy.Annotations.Add(new ResourceRelationshipAnnotation(_api, "Reference"));
        _database.Annotations.Add(new ResourceRelationshipAnnotation(_api, "Parent"));

        Assert.Equal([["database", "proxy"], ["api"]], Names(ShutdownOrder.Layers([_database, _api, _proxy])));
    }

    [Fact]
    public void Stops_independent_resources_together()
    {
        Assert.Equal([["api", "database", "proxy"]], Names(ShutdownOrder.Layers([_api, _database, _proxy])));
    }

    [Fact]
    public void Breaks_a_cycle_instead_of_getting_stuck()
    {
        _proxy.Annotations.Add(new ResourceRelationshipAnnotation(_api, "Reference"));
        _api.Annotations.Add(new ResourceRelationshipAnnotation(_proxy, "Reference"));

        Assert.Equal(["api", "proxy"], ShutdownOrder.Layers([_api, _proxy]).SelectMany(l => l).Select(r => r.Name).Order());
    }

    private static string[][] Names(IReadOnlyList<IReadOnlyList<IResource>> layers) =>
        [.. layers.Select(layer => layer.Select(r => r.Name).Order().ToArray())];
}
