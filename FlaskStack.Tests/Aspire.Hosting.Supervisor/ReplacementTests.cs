using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using static FlaskStack.Tests.Supervisor.SupervisedApplication;

namespace FlaskStack.Tests.Supervisor;

public sealed class ReplacementTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("supervisor-");

    private string Flag => Path.Join(_folder.FullName, "flag");

    [Fact]
    public async Task Replaces_a_process_whose_children_hold_too_much_memory_gracefully()
    {
        // The memory is that of a child: it is the group that counts.
        var leak = $"[ -f {Flag} ] || {{ touch {Flag}; ( {{ head -c 60000000 /dev/zero; sleep 1000; }} | tail ) & }}; trap 'echo goodbye; exit 0' TERM; while :; do sleep 1; done";
        await using var app = await StartAsync(builder => Shell(builder, "worker", leak).WithSupervisor(s => s with { MemoryLimit = 40 << 20 }));

        var after = await app.WaitForRestartsAsync("worker", 1);

        Assert.Matches("^it holds [0-9]+ MiB, more than the limit of 40 MiB$", (string?)Property(after, "supervisor.reason"));
        await app.WaitForLineAsync("worker", "goodbye");
        await app.WaitForLineAsync("worker", "is replaced because it holds");
    }

    [Fact]
    public async Task Replaces_an_old_process()
    {
        await using var app = await StartAsync(builder => Shell(builder, "worker", Forever).WithSupervisor(s => s with { MaxLifetime = TimeSpan.FromSeconds(1) }));

        Assert.StartsWith("it has run for", (string?)Property(await app.WaitForRestartsAsync("worker", 1), "supervisor.reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replaces_a_process_that_has_served_enough_requests()
    {
        await using var server = await ServeAsync(kestrel => kestrel.Listen(IPAddress.Loopback, 0), "100\n");
        await using var app = await StartAsync(builder =>
            Shell(builder, "worker", Forever).WithExplicitStart().WithSupervisor(s => s with { MaxRequests = 100, RequestCountPath = "/count" }));
        var row = (await app.WaitAsync("worker", row => row.State?.Text == KnownResourceStates.NotStarted));
        await app.Rows.PublishUpdateAsync(row.Resource, row.ResourceId, snapshot => snapshot with { Urls = [new UrlSnapshot("http", server.Urls.Single(), IsInternal: false)] });

        Assert.True((await app.ExecuteAsync("worker", KnownResourceCommands.StartCommand)).Success);

        Assert.Equal("it has served 100 requests", Property(await app.WaitForRestartsAsync("worker", 1), "supervisor.reason"));
    }

    [Fact]
    public async Task Never_takes_out_two_at_once()
    {
        var least = int.MaxValue;
        await using var app = await StartAsync(builder => Shell(builder, "worker", Forever).WithAnnotation(new ReplicaAnnotation(3)).WithSupervisor(s => s with { MaxLifetime = TimeSpan.FromSeconds(2) }));
        var replicas = await app.WaitForReplicasAsync("worker", 3);
        var running = replicas.Select(r => r.ResourceId).ToHashSet();
        using var enough = new CancellationTokenSource();
        var watching = app.Rows.WaitForResourceAsync("worker", row =>
        {
            _ = row.ResourceId == "worker" || (row.Snapshot.State?.Text == KnownResourceStates.Running ? running.Add(row.ResourceId) : running.Remove(row.ResourceId));
            least = Math.Min(least, running.Count);
            return false;
        }, enough.Token);

        await Task.WhenAll(replicas.Select(r => app.WaitForRestartsAsync(r.ResourceId, 1)));
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);

        Assert.Equal(2, least);
    }

    [Fact]
    public async Task Asks_a_replica_at_its_own_socket()
    {
        var socket = Path.Join(_folder.FullName, "s");
        await using var server = await ServeAsync(kestrel => kestrel.ListenUnixSocket(socket), "7");
        using var counter = new RequestCounter(Deadline);
        var row = new CustomResourceSnapshot { ResourceType = "Project", Properties = [new("endpoint.http.unixSocket", socket)], Urls = [new UrlSnapshot("http", "http://localhost:1", IsInternal: false)] };

        Assert.Equal(7, await counter.CountAsync(RequestCounter.AddressOf(row)!, "/count", CancellationToken.None));
    }

    [Theory]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("")]
    public async Task Takes_nothing_for_a_count_that_is_no_number(string answer)
    {
        await using var server = await ServeAsync(kestrel => kestrel.Listen(IPAddress.Loopback, 0), answer);
        using var counter = new RequestCounter(Deadline);

        await Assert.ThrowsAsync<FormatException>(() => counter.CountAsync(new ReplicaAddress(new Uri(server.Urls.Single()), null), "/count", CancellationToken.None));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<WebApplication> ServeAsync(Action<KestrelServerOptions> listen, string answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(listen);
        var server = builder.Build();
        server.MapGet("/count", () => Results.Text(answer));
        await server.StartAsync();
        return server;
    }
}
