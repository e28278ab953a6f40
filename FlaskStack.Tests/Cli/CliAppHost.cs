using System.Text.Json;

namespace FlaskStack.Tests.Cli;

/// <summary>An AppHost that the CLI has started in the background, on free ports: two replicas, two on standby, and nginx.</summary>
public sealed class CliAppHost : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    internal RealCli Cli { get; } = new();

    public async Task InitializeAsync()
    {
        if (RealCli.Problem is null)
        {
            var answer = await Cli.RunAsync(
                "start", "--no-build", "--isolated", "--non-interactive", "--format", "json", "--",
                "--Nginx:Port=0", "--Api:Replicas=2", "--Api:MaxReplicas=4", "--Dashboard:Enabled=false");
            Assert.True(answer.ExitCode == 0, answer.Text);
            await WaitUntilSeenAsync(JsonElement.Parse(answer.Output));
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

    /// <summary>On a busy machine the other commands may find the AppHost only some time after its start.</summary>
    private async Task WaitUntilSeenAsync(JsonElement started)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while ((await Cli.GetAppHostsAsync()).Count == 0)
        {
            if (deadline.IsCancellationRequested)
            {
                var log = await File.ReadAllTextAsync(started.GetProperty("logFile").GetString()!);
                Assert.Fail($"No command sees the AppHost. Its log: {log}");
            }
        }
    }
}
