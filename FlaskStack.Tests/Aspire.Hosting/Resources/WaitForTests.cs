using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class WaitForTests
{
    private readonly IDistributedApplicationBuilder _builder = Model.Create();

    [Fact]
    public void Each_kind_of_wait_is_recorded()
    {
        var database = App("db");
        var web = App("web")
            .WaitFor(database, WaitBehavior.StopOnResourceUnavailable)
            .WaitForStart(database)
            .WaitForCompletion(database, exitCode: 3);

        var waits = web.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => (wait.WaitType, wait.WaitBehavior, wait.ExitCode));
        Assert.Equal(
            [
                (WaitType.WaitUntilHealthy, WaitBehavior.StopOnResourceUnavailable, 0),
                (WaitType.WaitUntilStarted, null, 0),
                (WaitType.WaitForCompletion, (WaitBehavior?)null, 3),
            ],
            waits);
        Assert.Equal("WaitFor", Assert.Single(web.Resource.Annotations.OfType<ResourceRelationshipAnnotation>()).Type);
    }

    [Fact]
    public void Waiting_for_oneself_is_refused()
    {
        var app = App("app");

        Assert.Throws<DistributedApplicationException>(() => app.WaitFor(app));
        Assert.Throws<DistributedApplicationException>(() => app.WaitForStart(app));
        Assert.Throws<DistributedApplicationException>(() => app.WaitForCompletion(app));
    }

    [Fact]
    public void Waiting_for_a_child_waits_for_its_parent_too()
    {
        var server = App("server");
        var child = _builder.AddResource(new Child("database", server.Resource));
        var web = App("web").WaitFor(child);

        Assert.Equal(["server", "database"], web.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name));
        Assert.Throws<DistributedApplicationException>(() => child.WaitFor(server));
    }

    [Fact]
    public void A_health_check_over_http_is_recorded_for_each_replica_to_be_asked()
    {
        var app = App("app").WithHttpEndpoint().WithHttpHealthCheck("/health", 204);

        var probe = Assert.Single(app.Resource.Annotations.OfType<HttpHealthProbeAnnotation>());
        Assert.Equal(("/health", 204, "http"), (probe.Path, probe.StatusCode, probe.Endpoint().EndpointName));
        Assert.Equal(probe.Key, Assert.Single(app.Resource.Annotations.OfType<HealthCheckAnnotation>()).Key);
        Assert.Throws<DistributedApplicationException>(() => app.WithHttpHealthCheck("/health", 204));
    }

    [Fact]
    public void A_health_check_over_http_needs_an_http_endpoint()
    {
        Assert.Throws<DistributedApplicationException>(() => App("none").WithHttpHealthCheck());
        Assert.Throws<DistributedApplicationException>(() => App("raw").WithEndpoint(name: "raw").WithHttpHealthCheck(endpointName: "raw"));
    }

    private IResourceBuilder<ExecutableResource> App(string name) => _builder.AddExecutable(name, "true", ".");

    private sealed class Child(string name, IResource parent) : Resource(name), IResourceWithParent, IResourceWithWaitSupport
    {
        public IResource Parent => parent;
    }
}
