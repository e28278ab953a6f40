namespace FlaskStack.Tests.Cli;

/// <summary>An AppHost that the CLI has started in the background, on free ports: two replicas, two on standby, and nginx.</summary>
public sealed class CliAppHost : IAsyncLifetime
{
    internal RealCli Cli { get; } = new();

    public async Task InitializeAsync()
    {
        if (RealCli.Problem is null)
        {
            // With the dashboard, as users start it: without, `aspire start` may return before its own child has connected to the
            // AppHost, and the child then takes its end for a failure and stops the AppHost.
            await Cli.SucceedAsync(
                "start", "--no-build", "--isolated", "--non-interactive", "--format", "json", "--",
                "--Nginx:Port=0", "--Api:Replicas=2", "--Api:MaxReplicas=4");
            Assert.Single(await Cli.GetAppHostsAsync());
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
