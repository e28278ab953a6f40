using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Replicas;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class AddReplicasTests
{
    private readonly IDistributedApplicationBuilder _builder =
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });

    [Fact]
    public void Makes_a_resource_of_each_replica()
    {
        var group = _builder.AddReplicas<Projects.FlaskStack_Api>("api", 2, 3).Resource;

        Assert.Equal(["api-1", "api-2", "api-3"], group.Replicas.Select(replica => replica.Name));
        Assert.Equal([false, false, true], group.Replicas.Select(replica => replica.Annotations.OfType<ExplicitStartupAnnotation>().Any()));
        Assert.All(group.Replicas, replica =>
        {
            Assert.Same(
                group,
                replica.Annotations.OfType<ResourceRelationshipAnnotation>().Single(relation => relation.Type == "Parent").Resource);
            Assert.False(Assert.Single(replica.Annotations.OfType<EndpointAnnotation>()).IsProxied);
            Assert.Equal("FlaskStack.Api", Path.GetFileName(replica.Annotations.OfType<ExecutableAnnotation>().Single().Command));
        });
    }

    [Fact]
    public void Makes_one_project_of_them_when_published()
    {
        var builder = DistributedApplication.CreateBuilder(["--publisher", "manifest"]);

        var group = builder.AddReplicas<Projects.FlaskStack_Api>("api", 2, 3).WithSupervisor(s => s with { StartRetries = 9 });

        var project = Assert.IsType<ProjectResource>(Assert.Single(builder.Resources));
        Assert.Equal(("api", 2), (project.Name, project.Annotations.OfType<ReplicaAnnotation>().Last().Replicas));
        Assert.Equal(project.Annotations.OfType<EndpointAnnotation>(), group.Resource.Annotations.OfType<EndpointAnnotation>());
        Assert.True(project.TryGetSupervisorOptions(out var options));
        Assert.Equal((9, 3), (options.StartRetries, options.MaxReplicas));
    }

    [Fact]
    public void Are_not_supervised_unless_somebody_says_so()
    {
        var group = _builder.AddReplicas<Projects.FlaskStack_Api>("api", 1);
        Assert.False(group.Resource.TryGetSupervisorOptions(out _));

        group.WithSupervisor();
        Assert.True(group.Resource.TryGetSupervisorOptions(out _));
    }

    [Fact]
    public void Refuses_a_fixed_port()
    {
        var error = Assert.Throws<DistributedApplicationException>(() =>
            _builder.AddReplicas<Projects.FlaskStack_Api>(
                "api",
                2,
                configure: replica => replica.WithHttpEndpoint(port: 5000, name: "second")));

        Assert.Contains("the endpoint 'second' of 'api' has the fixed port 5000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_supervisor_of_a_single_replica()
    {
        var error = Assert.Throws<DistributedApplicationException>(() =>
            _builder.AddReplicas<Projects.FlaskStack_Api>("api", 2, configure: replica => replica.WithSupervisor()));

        Assert.Contains("'api'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_out_https_and_the_ports_of_the_launch_profile()
    {
        var replica = _builder.AddProject("api", "/nowhere/Api.csproj", launchProfileName: null)
            .WithHttpEndpoint(port: 5000, targetPort: 5001)
            .WithHttpsEndpoint(port: 7000);

        ReplicaEndpoints.UseOwnPorts(replica);

        var endpoint = Assert.Single(replica.Resource.Annotations.OfType<EndpointAnnotation>());
        Assert.Equal(("http", null, null, false), (endpoint.UriScheme, endpoint.Port, endpoint.TargetPort, endpoint.IsProxied));
    }

    [Fact]
    public void Gives_a_replica_without_endpoints_one()
    {
        var replica = _builder.AddProject("api", "/nowhere/Api.csproj", launchProfileName: null);

        ReplicaEndpoints.UseOwnPorts(replica);

        Assert.Equal("http", Assert.Single(replica.Resource.Annotations.OfType<EndpointAnnotation>()).Name);
    }

    [Theory]
    [InlineData(0, null, "count")]
    [InlineData(1001, null, "count")]
    [InlineData(3, 2, "max")]
    [InlineData(3, 1001, "max")]
    public void Refuses_numbers_out_of_their_range(int count, int? max, string parameter) =>
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => _builder.AddReplicas<Projects.FlaskStack_Api>("api", count, max));
}
