using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Processes;
using Aspire.Hosting.Nginx.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Who is a member of an upstream: rows the test writes, and listeners that are there or not.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class UpstreamTrackerTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly FakeService _api = new("api");
    private readonly Channel<bool> _changes = Channel.CreateUnbounded<bool>();
    private readonly UpstreamTracker _tracker;

    public UpstreamTrackerTests() => _tracker = Tracker(new UpstreamSource(_api, null), _api);

    [Fact]
    public async Task A_row_is_a_member_once_somebody_listens()
    {
        var port = FreePort();
        await UpdateAsync("api-a", KnownResourceStates.Running, port);
        Assert.Empty(Members());

        using var listener = Listen(port);

        await UntilAsync([$"127.0.0.1:{port}"]);
        Assert.Equal(new MemberName("api", "api-a"), _tracker.NameOf($"127.0.0.1:{port}"));
    }

    [Fact]
    public async Task A_crash_and_a_restart_change_nothing()
    {
        var port = FreePort();
        var listener = Listen(port);
        await UpdateAsync("api-a", KnownResourceStates.Running, port);
        await UntilAsync([$"127.0.0.1:{port}"]);

        listener.Dispose();
        await UpdateAsync("api-a", KnownResourceStates.Finished, port);
        Assert.Equal([$"127.0.0.1:{port}"], Members());
        await UpdateAsync("api-a", KnownResourceStates.Running, port);

        Assert.Equal([$"127.0.0.1:{port}"], Members());
    }

    [Fact]
    public async Task Who_listens_and_is_unhealthy_leaves_until_it_is_healthy()
    {
        var port = FreePort();
        using var listener = Listen(port);
        await UpdateAsync("api-a", KnownResourceStates.Running, port);
        await UntilAsync([$"127.0.0.1:{port}"]);

        await UpdateAsync("api-a", KnownResourceStates.Running, port, HealthStatus.Unhealthy);
        Assert.Empty(Members());
        await UpdateAsync("api-a", KnownResourceStates.Running, port, HealthStatus.Healthy);

        Assert.Equal([$"127.0.0.1:{port}"], Members());
    }

    [Fact]
    public async Task A_report_from_before_it_listened_is_not_about_it()
    {
        var port = FreePort();
        await UpdateAsync("api-a", KnownResourceStates.Running, port);
        using var listener = Listen(port);
        await UntilAsync([$"127.0.0.1:{port}"]);

        await UpdateAsync("api-a", KnownResourceStates.Running, port, HealthStatus.Unhealthy, DateTime.UtcNow.AddMinutes(-1));

        Assert.Equal([$"127.0.0.1:{port}"], Members());
    }

    [Fact]
    public async Task That_nobody_listens_any_more_is_left_to_nginx()
    {
        var port = FreePort();
        var listener = Listen(port);
        await UpdateAsync("api-a", KnownResourceStates.Running, port);
        await UntilAsync([$"127.0.0.1:{port}"]);
        listener.Dispose();

        await UpdateAsync("api-a", KnownResourceStates.Running, port, HealthStatus.Unhealthy);

        Assert.Equal([$"127.0.0.1:{port}"], Members());
    }

    [Fact]
    public async Task Waits_for_every_replica_that_nginx_waits_for()
    {
        _api.Annotations.Add(new ReplicaAnnotation(2));
        int[] ports = [FreePort(), FreePort()];
        using var first = Listen(ports[0]);
        await UpdateAsync("api-a", KnownResourceStates.Running, ports[0]);
        await UntilAsync([$"127.0.0.1:{ports[0]}"]);

        var settled = _tracker.SettleAsync(_ => true, CancellationToken.None);
        await Task.WhenAny(settled, Task.Delay(TimeSpan.FromSeconds(1)));
        Assert.False(settled.IsCompleted);
        using var second = Listen(ports[1]);
        await UpdateAsync("api-b", KnownResourceStates.Running, ports[1]);
        await settled.WaitAsync(Deadline);

        Assert.Equal(2, Members().Length);
    }

    [Fact]
    public async Task A_hidden_row_is_no_instance()
    {
        var port = FreePort();
        using var listener = Listen(port);

        var row = FakeService.TcpRow(KnownResourceStates.Running, $"http://localhost:{port}") with { IsHidden = true };
        await _tracker.UpdateAsync(new ResourceEvent(_api, "api-rebuilder", row));

        Assert.Null(_tracker.NameOf($"127.0.0.1:{port}"));
        Assert.Empty(Members());
    }

    [Fact]
    public void The_instances_of_a_group_are_the_resources_whose_parent_it_is()
    {
        var group = new FakeGroup("api");
        FakeService[] replicas = [new("api-1"), new("api-2")];
        var stranger = new FakeService("other");
        foreach (var replica in replicas)
        {
            replica.Annotations.Add(new ResourceRelationshipAnnotation(group, "Parent"));
        }

        var source = new UpstreamSource(group, null);

        Assert.Equal(["api-1", "api-2"], source.InstancesIn([group, .. replicas, stranger]).Select(instance => instance.Name));
        Assert.Same(stranger, Assert.Single(new UpstreamSource(stranger, null).InstancesIn([group, .. replicas, stranger])));
    }

    [Fact]
    public void A_group_that_is_not_in_the_model_stands_for_its_project()
    {
        var group = new FakeService("api");
        var project = new FakeService("api");
        project.Annotations.Add(new ResourceRelationshipAnnotation(group, "Parent"));

        Assert.Same(project, Assert.Single(new UpstreamSource(group, null).InstancesIn([project])));
    }

    [Fact]
    public void Says_which_endpoint_is_missing()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => Tracker(new UpstreamSource(_api, "admin"), _api));

        Assert.Equal("WithReverseProxy: the resource 'api' has no endpoint 'admin'; it has 'http'.", error.Message);
    }

    public void Dispose() => _tracker.Dispose();

    private UpstreamTracker Tracker(UpstreamSource source, params IResource[] model) =>
        new([source], model, new WorkerAccess(user: null, NullLogger.Instance), () => _changes.Writer.TryWrite(true), TimeProvider.System);

    private string[] Members() => [.. Assert.Single(_tracker.Current()).Members];

    private Task UpdateAsync(string row, string state, int port, HealthStatus? health = null, DateTime? runAt = null)
    {
        var snapshot = FakeService.TcpRow(state, $"http://localhost:{port}");
        return _tracker.UpdateAsync(new ResourceEvent(_api, row, health is null
            ? snapshot
            : FakeService.WithHealth(snapshot, health.Value, runAt ?? DateTime.UtcNow.AddSeconds(1))));
    }

    private async Task UntilAsync(string[] members)
    {
        while (!Members().SequenceEqual(members))
        {
            await _changes.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        }
    }

    private static Socket Listen(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen();
        return listener;
    }

    private static int FreePort() => Ports.PickUnused(["127.0.0.1"]);

    private sealed class FakeGroup(string name) : Resource(name), IResourceWithServiceDiscovery;
}
