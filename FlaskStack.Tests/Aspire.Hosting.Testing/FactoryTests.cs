using System.Collections.Concurrent;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Hosting;

namespace FlaskStack.Tests.HostingTesting;

public class FactoryTests
{
    [Fact]
    public async Task Takes_part_in_every_step_of_the_entry_point_in_order()
    {
        TestAppHost.Does(args => DistributedApplication.CreateBuilder(args).Build().Run());
        await using var factory = new RecordingFactory();

        await factory.StartAsync();

        Assert.Equal(["creating", "created", "building", "built"], factory.Calls);
    }

    [Fact]
    public async Task Reaches_no_resource_before_it_has_started()
    {
        await using var factory = new RecordingFactory();

        Assert.Contains("call StartAsync first", Assert.Throws<InvalidOperationException>(() => factory.GetEndpoint("api")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => factory.CreateHttpClient("api"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await factory.GetConnectionString("api"));
    }

    [Fact]
    public void Refuses_arguments_that_are_null_or_empty()
    {
        Assert.Throws<ArgumentNullException>(() => new DistributedApplicationFactory(null!));
        Assert.Throws<ArgumentNullException>(() => new DistributedApplicationFactory(typeof(TestAppHost), null!));
        Assert.Throws<ArgumentNullException>(() => new DistributedApplicationFactory(typeof(TestAppHost), ["a", null!]));
        Assert.Throws<ArgumentException>(() => new DistributedApplicationFactory(typeof(TestAppHost), ["a", ""]));
    }

    [Fact]
    public async Task A_disposed_factory_starts_nothing()
    {
        var factory = new RecordingFactory();
        await factory.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => factory.StartAsync());
    }

    private sealed class RecordingFactory() : DistributedApplicationFactory(typeof(TestAppHost))
    {
        public ConcurrentQueue<string> Calls { get; } = [];

        protected override void OnBuilderCreating(DistributedApplicationOptions applicationOptions, HostApplicationBuilderSettings hostOptions) =>
            Calls.Enqueue("creating");

        protected override void OnBuilderCreated(DistributedApplicationBuilder applicationBuilder) => Calls.Enqueue("created");

        protected override void OnBuilding(DistributedApplicationBuilder applicationBuilder) => Calls.Enqueue("building");

        protected override void OnBuilt(DistributedApplication application) => Calls.Enqueue("built");
    }
}
