using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Orchestration;

namespace FlaskStack.Tests.Hosting.Dashboard.ResourceService;

/// <summary>What the dashboard needs of rows, as they are published.</summary>
public sealed class RowTests
{
    [Fact]
    public async Task Shows_a_resource_beneath_the_only_row_of_its_parent()
    {
        using var model = new ModelFixture();
        var parent = new SampleResource("shop").With(new ResourceInstancesAnnotation(["shop-aaaaaaaa"]));
        var child = new SampleResource("cart").With(new ResourceRelationshipAnnotation(parent, "Parent"));

        await model.SetStateAsync(child, "cart", KnownResourceStates.Running);

        Assert.Equal("shop-aaaaaaaa", Property(model.Current("cart"), "resource.parentName"));
    }

    [Fact]
    public async Task Shows_a_resource_beneath_the_group_of_its_parent()
    {
        using var model = new ModelFixture();
        var child = new SampleResource("cart").With(new ResourceRelationshipAnnotation(RunningResourceService.Replicated("shop", "shop-aaaaaaaa", "shop-bbbbbbbb"), "Parent"));

        await model.SetStateAsync(child, "cart", KnownResourceStates.Running);

        Assert.Equal("shop", Property(model.Current("cart"), "resource.parentName"));
    }

    [Fact]
    public async Task Shows_a_part_beneath_what_it_is_a_part_of()
    {
        using var model = new ModelFixture();
        var part = new Part("database", new SampleResource("server"));

        await model.SetStateAsync(part, "database", KnownResourceStates.Running);

        var row = model.Current("database");
        Assert.Equal("server", Property(row, "resource.parentName"));
        Assert.Equal(new RelationshipSnapshot("server", "Parent"), Assert.Single(row.Relationships));
    }

    [Fact]
    public async Task Shows_a_resource_of_its_own_beneath_nothing()
    {
        using var model = new ModelFixture();
        var waiting = new SampleResource("cart").With(new ResourceRelationshipAnnotation(new SampleResource("shop"), "Reference"));

        await model.SetStateAsync(waiting, "cart", KnownResourceStates.Running);

        Assert.Null(Property(model.Current("cart"), "resource.parentName"));
    }

    [Fact]
    public async Task Says_in_the_log_of_a_group_how_many_replicas_serve()
    {
        await using var app = await RunningApplication.StartAsync(static builder => builder
            .AddExecutable("worker", "sleep", ".", "1000")
            .WithAnnotation(new ReplicaAnnotation(2)));

        await app.WaitForLineAsync("worker", "Running: 2 of 2 replicas serve.");
        await app.ExecuteAsync("worker", KnownResourceCommands.StopCommand);

        await app.WaitForLineAsync("worker", "Exited: 0 of 2 replicas serve.");
    }

    [Fact]
    public async Task Says_where_parameters_and_external_services_come_from()
    {
        await using var app = await RunningApplication.StartAsync(static builder =>
        {
            builder.AddParameter("color", "blue");
            builder.AddExternalService("weather", "https://weather.example/");
        });

        Assert.Equal("Parameters:color", Property(await app.WaitForAsync("color", KnownResourceStates.Running), "resource.source"));
        Assert.Equal("https://weather.example/", Property(await app.WaitForAsync("weather", KnownResourceStates.Running), "resource.source"));
    }

    private static object? Property(CustomResourceSnapshot row, string name) => row.Properties.SingleOrDefault(property => property.Name == name)?.Value;

    private sealed class Part(string name, IResource parent) : Resource(name), IResourceWithParent
    {
        public IResource Parent { get; } = parent;
    }
}
