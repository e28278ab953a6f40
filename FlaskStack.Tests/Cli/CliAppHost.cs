namespace FlaskStack.Tests.Cli;

/// <summary>An AppHost that the CLI has started in the background, on free ports: two replicas, two on standby, and nginx.</summary>
public sealed class CliAppHost : IAsyncLifetime
{
    internal RealCli Cli { get; } = new();

    public async Task InitializeAsync()
    {
        if (RealCli.Problem is null)
        {
            await Cli.SucceedAsync(
                "start", "--no-build", "--isolated", "--non-interactive", "--",
                "--Nginx:Port=0", "--Api:Replicas=2", "--Api:MaxReplicas=4", "--Dashboard:Enabled=false");
            await Cli.SucceedAsync("wait", "nginx");
        }
    }

    public async Task DisposeAsync()
    {
        if (RealCli.Problem is null)
        {
            await Cli.SucceedAsync("stop");
            Assert.Empty(await Cli.GetAppHostsAsync());
        }

        Cli.Dispose();
    }
}
