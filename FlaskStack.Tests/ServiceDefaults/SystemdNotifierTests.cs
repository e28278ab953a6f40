using System.Globalization;
using FlaskStack.ServiceDefaults;
using FlaskStack.Tests.Api;
using Microsoft.Extensions.Configuration;

namespace FlaskStack.Tests.ServiceDefaults;

/// <summary>What a service sends to systemd.</summary>
public sealed class SystemdNotifierTests
{
    private const string Alive = "WATCHDOG=1";

    /// <summary>Well below the 30 seconds after which a host gives up a stop.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Notifies_when_it_is_ready_and_when_it_stops(bool isAbstract)
    {
        using var systemd = new NotifySocketListener(isAbstract);
        await using var api = await ApiHost.StartAsync(null, $"--NOTIFY_SOCKET={systemd.Name}");

        Assert.Equal("READY=1", await systemd.NextAsync());
        using var answer = await api.Client.GetAsync(new Uri("/alive", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
        await api.App.StopAsync();
        Assert.Equal("STOPPING=1", await systemd.NextAsync());
    }

    [Fact]
    public async Task Sends_heartbeats_as_long_as_it_runs()
    {
        using var systemd = new NotifySocketListener();
        await using var api = await ApiHost.StartAsync(null, $"--NOTIFY_SOCKET={systemd.Name}", "--WATCHDOG_USEC=300000", $"--WATCHDOG_PID={Environment.ProcessId}");

        Assert.Equal("READY=1", await systemd.NextAsync());
        Assert.Equal(Alive, await systemd.NextAsync());
        Assert.Equal(Alive, await systemd.NextAsync());
        var stopping = api.App.StopAsync();
        Assert.Equal("STOPPING=1", await systemd.NextAfterAsync(Alive));
        await stopping;
    }

    [Fact]
    public async Task Waits_for_room_in_a_full_queue()
    {
        using var systemd = new NotifySocketListener();
        systemd.Fill(Alive);
        var starting = ApiHost.StartAsync(null, $"--NOTIFY_SOCKET={systemd.Name}");

        Assert.Equal("READY=1", await systemd.NextAfterAsync(Alive));
        await using var api = await starting;
    }

    [Fact]
    public async Task Stops_though_its_messages_are_not_read()
    {
        using var systemd = new NotifySocketListener();
        await using var api = await ApiHost.StartAsync(null, $"--NOTIFY_SOCKET={systemd.Name}");
        systemd.Fill(Alive);

        await api.App.StopAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Serves_without_a_receiver()
    {
        await using var api = await ApiHost.StartAsync(null, "--NOTIFY_SOCKET=/nowhere/at/all");

        using var answer = await api.Client.GetAsync(new Uri("/", UriKind.Relative));

        answer.EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative/path")]
    [InlineData("vsock:2:1234")]
    public void Does_nothing_without_a_socket(string? socket) => Assert.Null(Read(("NOTIFY_SOCKET", socket)));

    [Theory]
    [InlineData("30000000", null, 30.0)]
    [InlineData("30000000", "own", 30.0)]
    [InlineData("30000000", "1", null)]
    [InlineData("0", "own", null)]
    [InlineData("soon", "own", null)]
    [InlineData(null, "own", null)]
    public void Takes_the_watchdog_that_is_meant_for_it(string? microseconds, string? process, double? seconds)
    {
        var own = process == "own" ? Environment.ProcessId.ToString(CultureInfo.InvariantCulture) : process;

        var settings = Read(("NOTIFY_SOCKET", "/run/systemd/notify"), ("WATCHDOG_USEC", microseconds), ("WATCHDOG_PID", own));

        Assert.Equal(seconds, settings?.Watchdog?.TotalSeconds);
    }

    private static SystemdSettings? Read(params (string Name, string? Value)[] variables) => SystemdSettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value))).Build(),
        Environment.ProcessId);
}
