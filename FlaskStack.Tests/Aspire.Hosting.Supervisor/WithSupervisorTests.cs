using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;

namespace FlaskStack.Tests.Supervisor;

public sealed class WithSupervisorTests
{
    [Fact]
    public void Tells_the_host_how_to_stop_and_how_far_to_scale()
    {
        var worker = DistributedApplication.CreateBuilder().AddExecutable("worker", "sh", ".")
            .WithSupervisor(s => s with { StopSignal = "SIGINT", StopWaitSeconds = 7.5, MaxReplicas = 4 });

        Assert.Equal("SIGINT", Property(worker, "executable.stopSignal"));
        Assert.Equal(7.5, Property(worker, "executable.stopWaitSeconds"));
        Assert.Equal(4, Property(worker, "replicas.max"));
    }

    [Fact]
    public void Keeps_what_the_resource_says_of_itself()
    {
        var worker = DistributedApplication.CreateBuilder().AddExecutable("worker", "sh", ".")
            .WithInitialState(new CustomResourceSnapshot { ResourceType = "Worker", Properties = [new("executable.stopSignal", "SIGQUIT"), new("other", 1)] })
            .WithSupervisor();

        Assert.Equal("SIGQUIT", Property(worker, "executable.stopSignal"));
        Assert.Equal(1, Property(worker, "other"));
        Assert.Null(Property(worker, "replicas.max"));
        Assert.Equal("Worker", worker.Resource.Annotations.OfType<ResourceSnapshotAnnotation>().Last().InitialSnapshot.ResourceType);
    }

    [Fact]
    public void Keeps_the_options_of_an_earlier_call()
    {
        SupervisorOptions? seen = null;
        DistributedApplication.CreateBuilder().AddExecutable("worker", "sh", ".")
            .WithSupervisor(s => s with { StartRetries = 9 })
            .WithSupervisor(s => seen = s);

        Assert.Equal(9, seen!.StartRetries);
    }

    [Fact]
    public void Adds_a_reload_command_once()
    {
        var worker = DistributedApplication.CreateBuilder().AddExecutable("worker", "sh", ".").WithSupervisor().WithSupervisor();

        Assert.Single(worker.Resource.Annotations.OfType<ResourceCommandAnnotation>(), command => command.Name == "reload");
    }

    [Fact]
    public void Leaves_a_reload_command_of_its_own_to_the_resource()
    {
        var worker = DistributedApplication.CreateBuilder().AddExecutable("worker", "sh", ".")
            .WithCommand("reload", "Own", _ => Task.FromResult(CommandResults.Success()), new CommandOptions())
            .WithSupervisor();

        Assert.Equal("Own", Assert.Single(worker.Resource.Annotations.OfType<ResourceCommandAnnotation>(), command => command.Name == "reload").DisplayName);
    }

    [Fact]
    public void Wants_a_builder() =>
        Assert.Throws<ArgumentNullException>("builder", () => SupervisorBuilderExtensions.WithSupervisor<ExecutableResource>(null!));

    private static object? Property(IResourceBuilder<IResource> builder, string name) =>
        builder.Resource.Annotations.OfType<ResourceSnapshotAnnotation>().Last().InitialSnapshot.Properties.FirstOrDefault(p => p.Name == name)?.Value;
}
