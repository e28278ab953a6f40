using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class WithAutoscalingTests
{
    public static TheoryData<string, AutoscalingOptions> Wrong => new()
    {
        { "MinReplicas is 0; it must be from 1 to 3.", new() { MinReplicas = 0 } },
        { "MinReplicas is 4; it must be from 1 to 3.", new() { MinReplicas = 4 } },
        { "RequestsPerReplica is 0; it must be from 0.1 to 100000.", new() { RequestsPerReplica = 0 } },
        { "RequestsPerReplica is NaN; it must be from 0.1 to 100000.", new() { RequestsPerReplica = double.NaN } },
        { "ProcessorsPerReplica is -1; it must be from 0.01 to 1000.", new() { ProcessorsPerReplica = -1 } },
        { "are both missing; one must be set", new() { RequestsPerReplica = null, ProcessorsPerReplica = null } },
        { "Window is 0 s; it must be from 1 s to 3600 s.", new() { Window = TimeSpan.Zero } },
        { "ScaleDownAfter is 5 s; it must be from 15 s to 86400 s.", new() { ScaleDownAfter = TimeSpan.FromSeconds(5) } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Names_the_option_that_is_out_of_its_range(string expected, AutoscalingOptions options)
    {
        var group = AddGroup(count: 2, max: 4);

        var error = Assert.Throws<DistributedApplicationException>(() => group.WithAutoscaling(_ => options));

        Assert.StartsWith("The autoscaling of the group 'api' is not valid. ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "It has one replica at most")]
    [InlineData(3, "MinReplicas is the count, 3, which is the max too")]
    public void Refuses_a_group_without_room(int count, string expected)
    {
        var group = AddGroup(count, max: count);

        var error = Assert.Throws<DistributedApplicationException>(() => group.WithAutoscaling());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_room_below_the_count() => AddGroup(3, max: 3).WithAutoscaling(scaling => scaling with { MinReplicas = 1 });

    [Fact]
    public void Keeps_the_options_of_an_earlier_call()
    {
        AutoscalingOptions? seen = null;

        AddGroup(1, max: 2)
            .WithAutoscaling(scaling => scaling with { RequestsPerReplica = 3 })
            .WithAutoscaling(scaling => seen = scaling);

        Assert.Equal(3, seen!.RequestsPerReplica);
    }

    [Fact]
    public void Changes_nothing_of_what_is_published()
    {
        var builder = DistributedApplication.CreateBuilder(["--publisher", "manifest"]);

        builder.AddReplicas<Projects.FlaskStack_Api>("api", 2, 3).WithAutoscaling();

        var project = Assert.IsType<ProjectResource>(Assert.Single(builder.Resources));
        Assert.Equal(2, project.Annotations.OfType<ReplicaAnnotation>().Last().Replicas);
    }

    [Fact]
    public void Wants_a_builder() =>
        Assert.Throws<ArgumentNullException>("builder", () => SupervisorBuilderExtensions.WithAutoscaling(null!));

    private static IResourceBuilder<ReplicaGroupResource> AddGroup(int count, int max) =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true })
            .AddReplicas<Projects.FlaskStack_Api>("api", count, max);
}
