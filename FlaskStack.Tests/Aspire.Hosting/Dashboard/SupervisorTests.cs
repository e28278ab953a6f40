using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Provisioning;
using Aspire.Hosting.Orchestration.Processes;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Tests.Hosting.Dashboard;

/// <summary>Supervision of shell scripts that stand in for a dashboard in trouble.</summary>
[SupportedOSPlatform("linux")]
public sealed class SupervisorTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFixture _model = new();
    private readonly RunIdentity _identity = new();
    private readonly ProcessGuard _guard;
    private readonly LeftoverRegistry _leftovers;
    private readonly RecordingLoggerProvider _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly DashboardStatus _status;
    private readonly DashboardSupervisor _supervisor;
    private readonly CancellationTokenSource _stop = new();

    public SupervisorTests()
    {
        var settings = Samples.Settings with { StartLimit = TimeSpan.FromMilliseconds(300) };
        _guard = new ProcessGuard(_identity, TimeProvider.System, NullLogger<ProcessGuard>.Instance);
        _leftovers = new LeftoverRegistry(_identity, _folder["state"], NullLogger<LeftoverRegistry>.Instance);
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _status = new DashboardStatus(settings);
        var model = new DistributedApplicationModel(new ResourceCollection { new DashboardResource(isShown: false) });
        _supervisor = new DashboardSupervisor(
            settings,
            _status,
            new DashboardRow(model, _model.Notifications, settings, TimeProvider.System),
            new ProcessLauncher(_identity, _guard, _leftovers, new ChildScheduling(SchedulingPolicy.Batch), TimeProvider.System, NullLogger<ProcessLauncher>.Instance),
            _model.Logs,
            _loggers,
            TimeProvider.System,
            _loggers.CreateLogger<DistributedApplication>());
    }

    public async ValueTask DisposeAsync()
    {
        _supervisor.Dispose();
        _leftovers.Dispose();
        await _guard.DisposeAsync();
        _model.Dispose();
        _loggers.Dispose();
        _log.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Ends_a_dashboard_that_does_not_come_to_serve_and_tries_again()
    {
        var running = RunAsync("exec sleep 600");

        var first = await WaitForStartAsync();
        var error = await _log.WaitForAsync("did not serve").InTime();
        var second = await WaitForStartAsync(besides: first);

        Assert.Equal(LogLevel.Error, error.Level);
        Assert.Contains("http://localhost:18888", error.Text, StringComparison.Ordinal);
        Assert.False(ProcessTable.Read(first) is { IsAlive: true });
        await StopAsync(running);
        Assert.False(ProcessTable.Read(second) is { IsAlive: true });
    }

    [Fact]
    public async Task Tells_the_same_trouble_once_however_often_it_comes()
    {
        var running = RunAsync("echo 'it is broken' >&2; exit 3");

        var first = await WaitForStartAsync();
        var second = await WaitForStartAsync(besides: first);
        await WaitForStartAsync(besides: second);
        await StopAsync(running);

        var line = Assert.Single(_log.Lines);
        Assert.Contains("ended with code 3: it is broken.", line.Text, StringComparison.Ordinal);
        Assert.False(_status.IsHealthy);
    }

    [Fact]
    public async Task Tells_that_the_program_is_gone()
    {
        var running = _supervisor.RunAsync(DashboardProgram.For(_folder["gone"]), new Dictionary<string, string?>(), _stop.Token, _stop.Token);

        var error = await _log.WaitForAsync("does not exist").InTime();

        Assert.Contains(_folder["gone"], error.Text, StringComparison.Ordinal);
        await StopAsync(running);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_dashboard_that_ignores_it()
    {
        var running = RunAsync("trap '' TERM; while :; do sleep 0.1; done");
        var process = await WaitForStartAsync();

        await StopAsync(running);

        Assert.False(ProcessTable.Read(process) is { IsAlive: true });
        Assert.False(await _status.WaitForFirstOutcomeAsync(CancellationToken.None).InTime());
    }

    private Task RunAsync(string script)
    {
        var path = _folder.WriteFile("dashboard", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return _supervisor.RunAsync(DashboardProgram.For(path), new Dictionary<string, string?>(), _stop.Token, _stop.Token);
    }

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.InTime().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.True(running.IsCompleted);
    }

    private async Task<int> WaitForStartAsync(int besides = 0)
    {
        var row = await _model.Notifications.WaitForResourceAsync(DashboardResource.ResourceName, row => ProcessIdOf(row) is { } id && id != besides).InTime();
        return ProcessIdOf(row)!.Value;
    }

    private static int? ProcessIdOf(ResourceEvent row) =>
        row.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } id ? Convert.ToInt32(id, CultureInfo.InvariantCulture) : null;
}
