using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class WithSupervisorTests
{
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

        Assert.Equal(
            "Own",
            Assert.Single(worker.Resource.Annotations.OfType<ResourceCommandAnnotation>(), command => command.Name == "reload")
                .DisplayName);
    }

    [Fact]
    public void Wants_a_builder() =>
        Assert.Throws<ArgumentNullException>("builder", () => SupervisorBuilderExtensions.WithSupervisor<ExecutableResource>(null!));
}
