using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static FlaskStack.Tests.Supervisor.SupervisedApplication;

namespace FlaskStack.Tests.Supervisor;

public sealed class ReloadTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("supervisor-");

    private string Flag => Path.Join(_folder.FullName, "flag");

    [Fact]
    public async Task Replaces_one_replica_after_the_other()
    {
        await using var app = await StartAsync(builder => Replicated(builder, "trap 'sleep 0.2; exit 0' TERM; while :; do sleep 1; done", 3));
        var before = await app.WaitForReplicasAsync("worker", 3);
        var running = before.Select(r => r.ResourceId).ToHashSet();
        var least = running.Count;
        using var enough = new CancellationTokenSource();
        var watching = app.Rows.WaitForResourceAsync("worker", row =>
        {
            _ = row.ResourceId == "worker" || (row.Snapshot.State?.Text == KnownResourceStates.Running ? running.Add(row.ResourceId) : running.Remove(row.ResourceId));
            least = Math.Min(least, running.Count);
            return false;
        }, enough.Token);

        var result = await app.ExecuteAsync("worker", "reload");
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);

        Assert.True(result.Success, result.Message);
        Assert.StartsWith("'worker' is reloaded: 3 replaced in ", result.Message, StringComparison.Ordinal);
        Assert.Equal(2, least);
        Assert.All(before, row => Assert.NotEqual(ProcessId(row.Snapshot), ProcessId(app.Row(row.ResourceId).Snapshot)));
    }

    [Fact]
    public async Task Stops_at_a_replica_that_does_not_start_and_leaves_the_others()
    {
        await using var app = await StartAsync(builder => Replicated(builder, $"[ -f {Flag} ] && exit 3; echo up; {Forever}", 3));
        var before = await app.WaitForReplicasAsync("worker", 3);
        await UpAsync(app, before);
        await File.WriteAllTextAsync(Flag, "");

        var result = await app.ExecuteAsync("worker", "reload");

        Assert.False(result.Success);
        Assert.Contains($"stopped at '{before[0].ResourceId}': it does not start because it exited with code 3.", result.Message, StringComparison.Ordinal);
        await app.WaitForStateAsync(before[0].ResourceId, "Fatal");
        Assert.All(before.Skip(1), row => Assert.Equal(ProcessId(row.Snapshot), ProcessId(app.Row(row.ResourceId).Snapshot)));
        await app.WaitAsync("worker", row => Property(row, "supervisor.reload") is string shown && shown.StartsWith($"stopped at {before[0].ResourceId}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Begins_with_a_replica_that_was_given_up()
    {
        await using var app = await StartAsync(builder => Replicated(builder, $"[ -f {Flag} ] && exit 3; echo up; {Forever}", 2));
        var before = await app.WaitForReplicasAsync("worker", 2);
        await UpAsync(app, before);
        var last = before[1].ResourceId;
        await File.WriteAllTextAsync(Flag, "");
        await Signals.SendAsync("KILL", ProcessId(before[1].Snapshot));
        await app.WaitForStateAsync(last, "Fatal");

        Assert.Contains($"stopped at '{last}'", (await app.ExecuteAsync("worker", "reload")).Message, StringComparison.Ordinal);
        File.Delete(Flag);
        var result = await app.ExecuteAsync("worker", "reload");

        Assert.True(result.Success, result.Message);
        Assert.Equal(KnownResourceStates.Running, app.Row(last).Snapshot.State?.Text);
    }

    [Fact]
    public async Task Stops_at_a_replica_that_does_not_become_healthy()
    {
        var healthy = true;
        await using var app = await StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddCheck("check", () => Volatile.Read(ref healthy) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
            Replicated(builder, Forever, 2, TimeSpan.FromSeconds(2)).WithHealthCheck("check");
        });
        await app.Rows.WaitForResourceHealthyAsync("worker").WaitAsync(Deadline);
        var before = await app.WaitForReplicasAsync("worker", 2);
        Volatile.Write(ref healthy, false);

        var result = await app.ExecuteAsync("worker", "reload");

        Assert.False(result.Success);
        Assert.Contains("it did not become healthy within 2 s.", result.Message, StringComparison.Ordinal);

        // Whichever of them was seen to be unhealthy first is replaced first.
        var other = Assert.Single(before, row => !result.Message!.Contains($"'{row.ResourceId}'", StringComparison.Ordinal));
        Assert.Equal(ProcessId(other.Snapshot), ProcessId(app.Row(other.ResourceId).Snapshot));
    }

    [Fact]
    public async Task Joins_a_reload_that_is_under_way()
    {
        await using var app = await StartAsync(builder => Replicated(builder, Forever, 2));
        var replicas = await app.WaitForReplicasAsync("worker", 2);

        var results = await Task.WhenAll(app.ExecuteAsync(replicas[0].ResourceId, "reload"), app.ExecuteAsync(replicas[1].ResourceId, "reload"));

        Assert.All(results, result => Assert.True(result.Success, result.Message));
        Assert.All(replicas, row => Assert.Equal(1, Property(app.Row(row.ResourceId).Snapshot, "supervisor.restarts")));
    }

    [Fact]
    public async Task Leaves_out_what_somebody_stopped()
    {
        await using var app = await StartAsync(builder => Replicated(builder, Forever, 2));
        var replicas = await app.WaitForReplicasAsync("worker", 2);
        Assert.True((await app.ExecuteAsync(replicas[0].ResourceId, KnownResourceCommands.StopCommand)).Success);
        await app.WaitForStateAsync(replicas[0].ResourceId, KnownResourceStates.Exited);

        var result = await app.ExecuteAsync(replicas[1].ResourceId, "reload");

        Assert.True(result.Success, result.Message);
        Assert.Equal(KnownResourceStates.Exited, app.Row(replicas[0].ResourceId).Snapshot.State?.Text);
        Assert.NotEqual(ProcessId(replicas[1].Snapshot), ProcessId(app.Row(replicas[1].ResourceId).Snapshot));
    }

    [Fact]
    public async Task Reloads_everything_each_in_its_own_way()
    {
        var own = 0;
        await using var app = await StartAsync(builder =>
        {
            Shell(builder, "first", Forever).WithSupervisor(s => s with { StartSeconds = 0.1 });
            Shell(builder, "second", Forever)
                .WithCommand("reload", "Reload", _ =>
                {
                    Interlocked.Increment(ref own);
                    return Task.FromResult(CommandResults.Success());
                }, new CommandOptions())
                .WithSupervisor();
            Shell(builder, "bystander", Forever);
        });
        await app.WaitForReplicasAsync("first", 1);
        var second = await app.WaitForStateAsync("second", KnownResourceStates.Running);

        await app.Services.GetRequiredService<SupervisorService>().ReloadEverythingAsync().WaitAsync(Deadline);

        await app.WaitForRestartsAsync("first", 1);
        Assert.Equal(1, own);
        Assert.Equal(ProcessId(second), ProcessId(app.Row("second").Snapshot));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A process that runs need not have looked for the flag yet.</summary>
    private static async Task UpAsync(SupervisedApplication app, IEnumerable<ResourceEvent> replicas) =>
        await Task.WhenAll(replicas.Select(row => app.WaitForLineAsync(row.ResourceId, "Z up")));

    private static IResourceBuilder<ExecutableResource> Replicated(IDistributedApplicationBuilder builder, string script, int replicas, TimeSpan? healthyTimeout = null) =>
        Shell(builder, "worker", script).WithAnnotation(new ReplicaAnnotation(replicas)).WithSupervisor(s => s with
        {
            StartSeconds = 0.3,
            StartRetries = 1,
            Backoff = new() { Initial = TimeSpan.FromMilliseconds(20) },
            HealthyTimeout = healthyTimeout ?? TimeSpan.FromSeconds(30),
        });
}
