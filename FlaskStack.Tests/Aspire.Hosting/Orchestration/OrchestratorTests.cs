using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Orchestration;

public sealed class OrchestratorTests
{
    private const string Forever = "while :; do sleep 1; done";

    [Fact]
    public async Task Shows_how_a_process_ended_by_itself()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            Shell(builder, "good", "exit 0");
            Shell(builder, "bad", "exit 3");
        });

        Assert.Equal(0, (await app.WaitForAsync("good", KnownResourceStates.Finished)).ExitCode);
        Assert.Equal(3, (await app.WaitForAsync("bad", KnownResourceStates.Exited)).ExitCode);
    }

    [Fact]
    public async Task Keeps_console_lines_with_their_time_and_stream()
    {
        await using var app = await RunningApplication.StartAsync(builder => Shell(builder, "talker", $"echo plain; echo broken >&2; {Forever}"));

        var plain = await app.WaitForLineAsync("talker", "plain");
        var broken = await app.WaitForLineAsync("talker", "broken");

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z plain$", plain.Content);
        Assert.False(plain.IsErrorMessage);
        Assert.True(broken.IsErrorMessage);
    }

    [Fact]
    public async Task Keeps_the_port_of_a_resource_over_a_restart()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
            Shell(builder, "server", $"echo \"port=$PORT.\"; {Forever}").WithHttpEndpoint(env: "PORT"));
        var before = await app.WaitForAsync("server", KnownResourceStates.Running);
        var port = new Uri(before.Urls.Single().Url).Port;
        await app.WaitForLineAsync("server", $"port={port}.");

        await app.ExecuteAsync("server", KnownResourceCommands.RestartCommand);

        var after = await app.WaitForAsync("server", row => row.Snapshot.State?.Text == KnownResourceStates.Running && ProcessId(row.Snapshot) != ProcessId(before));
        Assert.Equal(port, new Uri(after.Snapshot.Urls.Single().Url).Port);
    }

    [Fact]
    public async Task Starts_a_waiting_resource_at_once_when_told_to()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            var never = Shell(builder, "never", Forever).WithExplicitStart();
            Shell(builder, "waiter", Forever).WaitFor(never);
        });
        await app.WaitForAsync("waiter", KnownResourceStates.Waiting);

        await app.ExecuteAsync("waiter", KnownResourceCommands.StartCommand);

        await app.WaitForAsync("waiter", KnownResourceStates.Running);
        Assert.Equal(KnownResourceStates.NotStarted, (await app.WaitForAsync("never", _ => true)).Snapshot.State?.Text);
    }

    [Fact]
    public async Task Starts_a_resource_when_the_one_it_waits_for_completed()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            var migration = Shell(builder, "migration", "exit 0");
            Shell(builder, "server", Forever).WaitForCompletion(migration);
        });

        await app.WaitForAsync("server", KnownResourceStates.Running);

        Assert.Equal(KnownResourceStates.Finished, (await app.WaitForAsync("migration", _ => true)).Snapshot.State?.Text);
    }

    [Fact]
    public async Task Gives_up_a_resource_whose_dependency_failed()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            var migration = Shell(builder, "migration", "exit 4");
            Shell(builder, "server", Forever).WaitForCompletion(migration);
        });

        await app.WaitForAsync("server", KnownResourceStates.FailedToStart);
    }

    [Fact]
    public async Task Says_in_one_line_that_an_executable_is_missing_and_runs_the_rest()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            builder.AddExecutable("missing", "/nowhere/at-all", ".");
            Shell(builder, "server", Forever);
        });

        await app.WaitForAsync("missing", KnownResourceStates.FailedToStart);
        var line = await app.WaitForLineAsync("missing", "/nowhere/at-all");
        Assert.True(line.IsErrorMessage);
        await app.WaitForAsync("server", KnownResourceStates.Running);
    }

    [Fact]
    public async Task Says_that_a_container_needs_a_runtime_and_runs_the_rest()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            builder.AddContainer("cache", "redis");
            Shell(builder, "server", Forever);
        });

        await app.WaitForAsync("cache", KnownResourceStates.FailedToStart);
        await app.WaitForLineAsync("cache", "container runtime");
        await app.WaitForAsync("server", KnownResourceStates.Running);
    }

    [Fact]
    public async Task Names_who_holds_a_port()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        await using var app = await RunningApplication.StartAsync(builder => Shell(builder, "server", Forever).WithHttpEndpoint(targetPort: port));

        await app.WaitForAsync("server", KnownResourceStates.FailedToStart);
        await app.WaitForLineAsync("server", $"port {port} of endpoint 'http' is already in use by");
    }

    [Fact]
    public async Task Stops_with_the_signal_that_the_resource_names()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
            Shell(builder, "server", $"trap 'echo asked to quit; exit 0' USR2; echo armed; {Forever}")
                .WithInitialState(new CustomResourceSnapshot
                {
                    ResourceType = "Executable",
                    Properties = [new("executable.stopSignal", "SIGUSR2")],
                }));
        await app.WaitForLineAsync("server", "armed");
        await app.WaitForAsync("server", KnownResourceStates.Running);

        await app.ExecuteAsync("server", KnownResourceCommands.StopCommand);

        await app.WaitForLineAsync("server", "asked to quit");
        await app.WaitForAsync("server", KnownResourceStates.Exited);
    }

    [Fact]
    public async Task Leaves_no_process_behind_that_ignores_its_signal()
    {
        int leader, child;
        await using (var app = await RunningApplication.StartAsync(builder => Shell(builder, "server", $"trap '' TERM; sleep 1000 & echo child=$!; {Forever}")))
        {
            var line = await app.WaitForLineAsync("server", "child=");
            child = int.Parse(line.Content[(line.Content.LastIndexOf('=') + 1)..], CultureInfo.InvariantCulture);
            leader = ProcessId(await app.WaitForAsync("server", KnownResourceStates.Running))!.Value;
        }

        Assert.False(ProcessTable.Read(leader) is { IsAlive: true });
        Assert.False(ProcessTable.Read(child) is { IsAlive: true });
    }

    [Fact]
    public async Task Shows_which_parameter_has_no_value()
    {
        await using var app = await RunningApplication.StartAsync(builder => builder.AddParameter("password", secret: true));

        await app.WaitForAsync("password", KnownResourceStates.ValueMissing);
        await app.WaitForLineAsync("password", "Parameters:password");
    }

    [Fact]
    public async Task Refuses_replicas_that_would_share_a_port()
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => RunningApplication.StartAsync(builder =>
            builder.AddResource(new ProjectResource("api")).WithReplicas(2).WithHttpEndpoint(targetPort: 5000)));

        Assert.Contains("endpoint 'http' of resource 'api'", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static IResourceBuilder<ExecutableResource> Shell(IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "sh", ".", "-c", script);

    private static int? ProcessId(CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value as int?;
}
