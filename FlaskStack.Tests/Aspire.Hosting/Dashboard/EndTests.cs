using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Dashboard.Launching;
using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Dashboard;

public sealed class EndTests
{
    [Fact]
    public void The_first_restart_is_immediate_and_the_next_ones_take_ever_longer_up_to_half_a_minute()
    {
        var backoff = new RestartBackoff();

        var waits = Enumerable.Range(0, 10).Select(_ => backoff.Next(TimeSpan.FromSeconds(2)).TotalSeconds);

        Assert.Equal([0, 0.5, 1, 2, 4, 8, 16, 30, 30, 30], waits);
    }

    [Fact]
    public void A_dashboard_that_ran_for_a_while_starts_again_at_once()
    {
        var backoff = new RestartBackoff();
        for (var i = 0; i < 5; i++)
        {
            backoff.Next(TimeSpan.Zero);
        }

        Assert.Equal(TimeSpan.Zero, backoff.Next(RestartBackoff.RecoveryTime));
        Assert.Equal(0.5, backoff.Next(TimeSpan.Zero).TotalSeconds);
    }

    [Fact]
    public void A_refused_configuration_is_not_tried_again()
    {
        var end = Describe(101, "Specify a mode.");

        Assert.True(end.IsFinal);
        Assert.Equal("The dashboard refuses its configuration: Specify a mode.", end.Reason);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void An_address_in_use_names_who_uses_it_and_the_setting()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var settings = Samples.Settings with { Frontend = [new DashboardAddress("http", "127.0.0.1", port, DashboardKeys.FrontendUrls)], OtlpGrpc = null, OtlpHttp = null };

        var end = DashboardEnd.Of(new ProcessExit(102, DateTime.UtcNow), null, settings);

        Assert.False(end.IsFinal);
        Assert.Contains($"http://127.0.0.1:{port}", end.Reason, StringComparison.Ordinal);
        Assert.Contains($"(pid {Environment.ProcessId})", end.Reason, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS", end.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, null, "The dashboard ended by itself.")]
    [InlineData(137, null, "The dashboard was ended by signal SIGKILL.")]
    [InlineData(137, "It broke", "The dashboard was ended by signal SIGKILL.")]
    [InlineData(134, "Process terminated. Install libicu.", "The dashboard gave up: Process terminated. Install libicu.")]
    [InlineData(100, "It broke", "The dashboard ended with code 100: It broke.")]
    [InlineData(100, null, "The dashboard ended with code 100: it did not say why.")]
    public void Other_ends_are_told_in_one_sentence(int code, string? complaint, string reason) => Assert.Equal(new DashboardEnd(reason), Describe(code, complaint));

    private static DashboardEnd Describe(int code, string? complaint) => DashboardEnd.Of(new ProcessExit(code, DateTime.UtcNow), complaint, Samples.Settings);
}
