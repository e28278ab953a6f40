using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Orchestration.Processes;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Hosting.Orchestration;

/// <summary>Starts and stops that meet each other, or meet subscribers and health checks that misbehave.</summary>
public sealed class LifecycleTests
{
    private const string Forever = "while :; do sleep 1; done";

    [Fact]
    public async Task Starts_all_waiting_replicas_once_when_told_to()
    {
        var starts = 0;
        var dependencyReady = new TaskCompletionSource();
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            var dependency = Shell(builder, "dependency", Forever).WithExplicitStart().OnResourceReady((_, _, _) =>
            {
                dependencyReady.SetResult();
                return Task.CompletedTask;
            });
            Replicated(Shell(builder, "waiter", Forever)).WaitFor(dependency).OnBeforeResourceStarted((_, _, _) =>
            {
                Interlocked.Increment(ref starts);
                return Task.CompletedTask;
            });
        });
        await app.WaitForAsync("waiter", row => row.ResourceId != "waiter" && row.Snapshot.State?.Text == KnownResourceStates.Waiting);

        await app.ExecuteAsync("waiter", KnownResourceCommands.StartCommand);
        await app.Rows.WaitForResourceHealthyAsync("waiter").WaitAsync(RunningApplication.Deadline);
        await app.ExecuteAsync("dependency", KnownResourceCommands.StartCommand);
        await dependencyReady.Task.WaitAsync(RunningApplication.Deadline);

        Assert.Equal(1, starts);
    }

    [Fact]
    public async Task Can_be_started_again_by_whoever_is_told_that_it_stopped()
    {
        var stops = 0;
        var stoppedAgain = new TaskCompletionSource();
        await using var app = await RunningApplication.StartAsync(builder =>
            Shell(builder, "job", "exit 0").OnResourceStopped(async (job, stopped, cancellationToken) =>
            {
                if (Interlocked.Increment(ref stops) == 2)
                {
                    stoppedAgain.SetResult();
                    return;
                }

                await stopped.Services.GetRequiredService<ResourceCommandService>().ExecuteCommandAsync(job, KnownResourceCommands.StartCommand, cancellationToken);
            }));

        await stoppedAgain.Task.WaitAsync(RunningApplication.Deadline);
    }

    [Fact]
    public async Task Reports_subscribers_that_fail_and_stops_everything_all_the_same()
    {
        var logger = new RecordingLogger<DistributedApplication>();
        int first, second;
        await using (var app = await RunningApplication.StartAsync(builder =>
        {
            builder.Services.AddSingleton<ILogger<DistributedApplication>>(logger);
            var database = Shell(builder, "database", Forever);
            Shell(builder, "server", Forever).WaitForStart(database)
                .OnResourceReady((_, _, _) => throw new InvalidOperationException("not ready at all"))
                .OnResourceStopped((_, _, _) => throw new InvalidOperationException("not stopped at all"));
        }))
        {
            first = ProcessId(await app.WaitForAsync("database", KnownResourceStates.Running));
            second = ProcessId(await app.WaitForAsync("server", KnownResourceStates.Running));
            Assert.Contains("ResourceReadyEvent", await logger.NextAsync(), StringComparison.Ordinal);
        }

        Assert.Contains("ResourceStoppedEvent", await logger.NextAsync(), StringComparison.Ordinal);
        Assert.False(ProcessTable.Read(first) is { IsAlive: true });
        Assert.False(ProcessTable.Read(second) is { IsAlive: true });
    }

    [Fact]
    public async Task Shows_a_health_check_that_throws_as_unhealthy_and_can_stop_the_resource()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration("broken", _ => throw new InvalidOperationException("cannot be made"), null, null));
            Shell(builder, "server", Forever).WithHealthCheck("broken");
        });

        await app.WaitForAsync("server", row => row.Snapshot.HealthReports is [{ Status: HealthStatus.Unhealthy, ExceptionText: "cannot be made" }]);
        await app.ExecuteAsync("server", KnownResourceCommands.StopCommand);

        await app.WaitForAsync("server", KnownResourceStates.Exited);
    }

    [Fact]
    public async Task Stops_a_resource_whose_health_check_never_answers()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<HealthCheckResult>();
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddAsyncCheck("silent", () =>
            {
                asked.TrySetResult();
                return never.Task;
            });
            Shell(builder, "server", Forever).WithHealthCheck("silent");
        });
        await asked.Task.WaitAsync(RunningApplication.Deadline);

        await app.ExecuteAsync("server", KnownResourceCommands.StopCommand);

        await app.WaitForAsync("server", KnownResourceStates.Exited);
    }

    [Fact]
    public async Task Looks_at_the_exit_code_of_every_replica_that_is_to_complete()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            var migration = Replicated(Shell(builder, "migration", "exit 5"));
            Shell(builder, "server", Forever).WaitForCompletion(migration);
        });

        await app.WaitForAsync("server", KnownResourceStates.FailedToStart);
    }

    [Fact]
    public async Task Can_be_started_again_after_a_start_that_was_given_up()
    {
        var starting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await RunningApplication.StartAsync(builder =>
            Shell(builder, "server", Forever).WithExplicitStart().OnBeforeResourceStarted((_, _, cancellationToken) =>
                starting.TrySetResult() ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.CompletedTask));
        using var giveUp = new CancellationTokenSource();

        var start = app.TryExecuteAsync("server", KnownResourceCommands.StartCommand, giveUp.Token);
        await starting.Task.WaitAsync(RunningApplication.Deadline);
        await giveUp.CancelAsync();

        Assert.True((await start).Canceled);
        await app.WaitForAsync("server", KnownResourceStates.NotStarted);
        await app.ExecuteAsync("server", KnownResourceCommands.StartCommand);
        await app.WaitForAsync("server", KnownResourceStates.Running);
    }

    [Fact]
    public async Task Takes_a_timeout_of_a_subscriber_for_a_failure()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
            Shell(builder, "server", Forever).OnBeforeResourceStarted((_, _, _) => throw new TaskCanceledException("asked in vain")));

        await app.WaitForAsync("server", KnownResourceStates.FailedToStart);
        await app.WaitForLineAsync("server", "asked in vain");
    }

    [Fact]
    public async Task Does_not_take_a_stop_during_the_start_for_a_failure()
    {
        var orchestrator = new RecordingLogger<ApplicationOrchestrator>();
        var application = new RecordingLogger<DistributedApplication>();
        await using (var app = await RunningApplication.StartAsync(builder =>
        {
            builder.Services.AddSingleton<ILogger<ApplicationOrchestrator>>(orchestrator);
            builder.Services.AddSingleton<ILogger<DistributedApplication>>(application);
            Shell(builder, "waiter", Forever).WaitFor(Shell(builder, "never", Forever).WithExplicitStart());
        }))
        {
            await app.WaitForAsync("waiter", KnownResourceStates.Waiting);
        }

        Assert.Empty(orchestrator.Warnings);
        Assert.Empty(application.Warnings);
    }

    [Fact]
    public async Task Waits_for_the_first_start_only()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            var dependency = Shell(builder, "dependency", Forever);
            Shell(builder, "proxy", Forever).WaitFor(dependency);
        });
        await app.WaitForAsync("proxy", KnownResourceStates.Running);
        await app.ExecuteAsync("dependency", KnownResourceCommands.StopCommand);

        await app.ExecuteAsync("proxy", KnownResourceCommands.RestartCommand);

        await app.WaitForAsync("proxy", KnownResourceStates.Running);
    }

    [Fact]
    public async Task Starts_nothing_after_the_shutdown()
    {
        await using var app = await RunningApplication.StartAsync(builder => Shell(builder, "server", Forever));
        await app.WaitForAsync("server", KnownResourceStates.Running);
        await app.StopAsync();

        var start = await app.TryExecuteAsync("server", KnownResourceCommands.StartCommand, CancellationToken.None);

        Assert.False(start.Success);
        Assert.Contains("the application stops", start.Message, StringComparison.Ordinal);
        Assert.True(app.Rows.TryGetCurrentState("server", out var row));
        Assert.Equal(KnownResourceStates.Exited, row.Snapshot.State?.Text);
    }

    [Fact]
    public async Task Stops_the_rest_while_a_subscriber_holds_up_a_start_for_ever()
    {
        var never = new TaskCompletionSource();
        int running;
        await using (var app = await RunningApplication.StartAsync(builder =>
        {
            builder.Configuration["AppHost:ShutdownSeconds"] = "0.5";
            Shell(builder, "stuck", Forever).OnBeforeResourceStarted((_, _, _) => never.Task);
            Shell(builder, "server", Forever);
        }))
        {
            running = ProcessId(await app.WaitForAsync("server", KnownResourceStates.Running));
        }

        Assert.False(ProcessTable.Read(running) is { IsAlive: true });
    }

    [Fact]
    public async Task Keeps_the_settings_of_the_AppHost_from_its_resources()
    {
        Environment.SetEnvironmentVariable("Parameters__lifecycle", "secret");
        Environment.SetEnvironmentVariable("AppHost__LifecycleKey", "secret");
        try
        {
            await using var app = await RunningApplication.StartAsync(builder =>
                Shell(builder, "server", "echo \"got=$Parameters__lifecycle$AppHost__LifecycleKey.\""));

            await app.WaitForLineAsync("server", "got=.");
        }
        finally
        {
            Environment.SetEnvironmentVariable("Parameters__lifecycle", null);
            Environment.SetEnvironmentVariable("AppHost__LifecycleKey", null);
        }
    }

    private static IResourceBuilder<ExecutableResource> Shell(IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "sh", ".", "-c", script);

    private static IResourceBuilder<ExecutableResource> Replicated(IResourceBuilder<ExecutableResource> resource) =>
        resource.WithAnnotation(new ReplicaAnnotation(2));

    private static int ProcessId(CustomResourceSnapshot snapshot) => (int)snapshot.Properties.First(p => p.Name == "executable.pid").Value!;
}
