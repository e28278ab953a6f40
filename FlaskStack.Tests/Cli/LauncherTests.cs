using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.Cli;
using Aspire.Hosting.Orchestration.Processes;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.Configuration;

namespace FlaskStack.Tests.Cli;

[SupportedOSPlatform("linux")]
public sealed class LauncherTests
{
    private static readonly long OwnTicks = ProcessTable.Read(Environment.ProcessId)!.Value.StartTicks;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("0")]
    [InlineData("-4")]
    [InlineData("99999999999")]
    public void Is_none_without_a_process_id(string? id) => Assert.Null(LauncherProcess.Read(Configure(id)));

    [Fact]
    public void Is_read_as_the_CLI_describes_itself()
    {
        var launcher = LauncherProcess.Read(Configure("42", "1700000000", "2639240"));

        Assert.Equal(42, launcher!.Id);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000000), launcher.StartedAt);
        Assert.Equal(DateTimeOffset.Parse("1970-01-01T00:43:59.24Z", CultureInfo.InvariantCulture), launcher.StableStartedAt);
        Assert.Equal("/tmp/cli.log", launcher.LogFile);
    }

    [Theory]
    [InlineData("99999999999999999")]
    [InlineData("soon")]
    public void Has_no_start_where_that_is_no_time(string time)
    {
        var launcher = LauncherProcess.Read(Configure("42", time, time));

        Assert.Null(launcher!.StartedAt);
        Assert.Null(launcher.StableStartedAt);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(20, true)]
    [InlineData(-20, true)]
    [InlineData(30, false)]
    [InlineData(-60000, false)]
    public void Is_alive_only_with_the_start_it_told(int milliseconds, bool isAlive)
    {
        var told = (OwnTicks * 10) + milliseconds;

        Assert.Equal(isAlive, LauncherProcess.Read(Configure(Own, stable: Text(told)))!.IsAlive());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(60, false)]
    public void Is_known_by_the_clock_where_it_told_no_more(int seconds, bool isAlive)
    {
        using var process = Process.GetCurrentProcess();
        var started = new DateTimeOffset(process.StartTime).ToUnixTimeSeconds() + seconds;

        Assert.Equal(isAlive, LauncherProcess.Read(Configure(Own, Text(started)))!.IsAlive());
    }

    [Fact]
    public void Is_known_by_its_id_alone_where_it_told_nothing() => Assert.True(LauncherProcess.Read(Configure(Own))!.IsAlive());

    [Fact]
    public async Task Takes_the_application_along_when_it_dies()
    {
        using var cli = Process.Start("sleep", "600");
        using var lifetime = new ManualLifetime();
        var stopping = new TaskCompletionSource();
        await using var registration = lifetime.ApplicationStopping.Register(stopping.SetResult);
        var log = new RecordingLogger<DistributedApplication>();
        var launcher = LauncherProcess.Read(Configure(Text(cli.Id), stable: Text(ProcessTable.Read(cli.Id)!.Value.StartTicks * 10)))!;
        using var watch = new LauncherWatch(launcher, lifetime, TimeProvider.System, log);

        await watch.StartAsync(CancellationToken.None);
        Assert.False(stopping.Task.IsCompleted);
        cli.Kill();

        await stopping.Task.InTime();
        Assert.Contains(Text(cli.Id), Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    private static string Own => Text(Environment.ProcessId);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static IConfiguration Configure(string? id, string? started = null, string? stable = null) => new ConfigurationBuilder().AddInMemoryCollection(
    [
        new("ASPIRE_CLI_PID", id),
        new("ASPIRE_CLI_STARTED", started),
        new("ASPIRE_CLI_STARTED_STABLE", stable),
        new("ASPIRE_CLI_LOG_FILE", "/tmp/cli.log"),
    ]).Build();
}
