using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace FlaskStack.Tests.Graph;

/// <summary>What clients notice of replicas that go and come: nothing.</summary>
[Collection(OwnGraphGroup.Name)]
public sealed class UnderLoadTests
{
    [Fact]
    public async Task A_restart_of_replicas_loses_no_request()
    {
        await using var stack = await RunningGraph.StartAsync("--Api:Replicas=2");
        await using var load = SteadyLoad.Start(stack.App.GetEndpoint("nginx"));
        var replicas = await stack.GetReplicasAsync(2);

        foreach (var replica in replicas.Concat(replicas))
        {
            await RestartAsync(stack, replica.ResourceId);
        }

        await stack.AssertNoneAsync(load.FailedGets);
        await stack.AssertNoneAsync(load.FailedPosts);
        Assert.True(load.Answers > 0);
    }

    [Fact]
    public async Task A_killed_replica_fails_no_GET_and_comes_back()
    {
        await using var stack = await RunningGraph.StartAsync("--Api:Replicas=2");
        await using var load = SteadyLoad.Start(stack.App.GetEndpoint("nginx"));
        var victim = (await stack.GetReplicasAsync(2))[0];

        using (var process = Process.GetProcessById(RunningGraph.GetProcessId(victim)))
        {
            process.Kill();
        }

        await stack.WaitForSuccessorAsync(victim);
        await stack.WaitForAllReplicasAsync();
        await load.AnswerMoreAsync();

        await stack.AssertNoneAsync(load.FailedGets);
    }

    [Fact]
    public async Task More_and_fewer_replicas_lose_no_request()
    {
        await using var stack = await RunningGraph.StartAsync("--Api:Replicas=2", "--Api:MaxReplicas=4");
        await using var load = SteadyLoad.Start(stack.App.GetEndpoint("nginx"));

        foreach (var command in new[] { "scale-up", "scale-up", "scale-down", "scale-down", "scale-down", "scale-up" })
        {
            await stack.ExecuteAsync("api", command);
            await stack.WaitForAllReplicasAsync();
            await load.AnswerMoreAsync();
        }

        Assert.Equal(2, (await stack.GetReplicasAsync(2)).Count);
        await stack.AssertNoneAsync(load.FailedGets);
        // A new member reloads nginx, and one older than 1.27.4 closes idle connections of clients then: of what may not be sent twice only
        // the answers are looked at.
        Assert.DoesNotContain(load.FailedPosts, failure => int.TryParse(failure, out _));
    }

    [Fact]
    public async Task A_hung_replica_is_replaced_and_fails_no_GET()
    {
        await using var stack = await RunningGraph.StartAsync(
            withDashboard: false,
            builder => builder.CreateResourceBuilder<ReplicaGroupResource>("api")
                .WithSupervisor(s => s with { Watchdog = new() { Timeout = TimeSpan.FromSeconds(2) } }),
            "--Api:Replicas=2");
        await using var load = SteadyLoad.Start(stack.App.GetEndpoint("nginx"));
        var victim = (await stack.GetReplicasAsync(2))[0];

        await Signals.SendAsync("STOP", RunningGraph.GetProcessId(victim));

        await stack.WaitForSuccessorAsync(victim);
        await stack.WaitForAllReplicasAsync();
        await load.AnswerMoreAsync();

        await stack.AssertNoneAsync(load.FailedGets);
    }

    [Fact]
    public async Task Replicas_that_have_served_enough_are_replaced_and_lose_no_request()
    {
        await using var stack = await RunningGraph.StartAsync("--Api:Replicas=2", "--Api:MaxRequests=500");
        await using var load = SteadyLoad.Start(stack.App.GetEndpoint("nginx"));

        foreach (var replica in await stack.GetReplicasAsync(2))
        {
            await stack.WaitForSuccessorAsync(replica);
        }

        await load.AnswerMoreAsync();

        await stack.AssertNoneAsync(load.FailedGets);
        await stack.AssertNoneAsync(load.FailedPosts);
    }

    [Fact]
    public async Task A_leaking_replica_is_replaced_before_it_holds_a_fifth_more_than_it_may()
    {
        const long limit = 220L << 20;
        await using var stack = await RunningGraph.StartAsync(
            withDashboard: false,
            builder => builder.CreateResourceBuilder<ReplicaGroupResource>("api").WithSupervisor(s => s with { MemoryLimit = limit }),
            "--Api:Replicas=2");
        await using var load = SteadyLoad.Start(stack.App.GetEndpoint("nginx"));
        var leaking = (await stack.GetReplicasAsync(2))[0];
        using var ended = new CancellationTokenSource();
        var most = LeakAsync(leaking, ended.Token);

        await stack.WaitForSuccessorAsync(leaking);
        await ended.CancelAsync();
        await load.AnswerMoreAsync();

        Assert.InRange(await most, limit, limit * 12 / 10);
        await stack.AssertNoneAsync(load.FailedGets);
        await stack.AssertNoneAsync(load.FailedPosts);
    }

    /// <summary>Lets a replica hold 10 MiB more each second until it is gone, and returns the most that it held.</summary>
    private static async Task<long> LeakAsync(ResourceEvent replica, CancellationToken cancellationToken)
    {
        using var process = Process.GetProcessById(RunningGraph.GetProcessId(replica));
        using var client = new HttpClient { BaseAddress = new Uri(replica.Snapshot.Urls[0].Url) };
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var most = 0L;
        try
        {
            while (await pace.WaitForNextTickAsync(cancellationToken) && !process.HasExited)
            {
                await client.GetStringAsync(new Uri("/testing/leak?mb=1", UriKind.Relative), cancellationToken);
                process.Refresh();
                most = Math.Max(most, process.WorkingSet64);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // It is replaced.
        }

        return most;
    }

    private static async Task RestartAsync(RunningGraph stack, string replica)
    {
        await stack.ExecuteAsync(replica, KnownResourceCommands.RestartCommand);
        await stack.WaitForAllReplicasAsync();
    }
}
