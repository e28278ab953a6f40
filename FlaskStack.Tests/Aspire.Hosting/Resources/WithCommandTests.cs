using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class WithCommandTests
{
    [Fact]
    public void Adds_a_command_that_is_offered_everywhere_when_nothing_else_is_said()
    {
        var builder = DistributedApplication.CreateBuilder();

        var worker = builder.AddExecutable("worker", "sleep", "/", "600").WithCommand("greet", "Greet", static _ => Task.FromResult(CommandResults.Success()));

        var command = Assert.Single(worker.Resource.Annotations.OfType<ResourceCommandAnnotation>());
        Assert.Equal(("greet", "Greet", ResourceCommandVisibility.UI | ResourceCommandVisibility.Api), (command.Name, command.DisplayName, command.Visibility));
    }
}
