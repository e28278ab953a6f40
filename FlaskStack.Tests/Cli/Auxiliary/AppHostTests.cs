using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;
using Aspire.Hosting.Orchestration.Processes;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli.Auxiliary;

public sealed class AppHostTests
{
    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task Tells_which_process_it_is_and_when_that_started()
    {
        await using var peer = new AuxiliaryPeer();

        var information = await peer.Client.AskAsync("GetAppHostInformationAsync");

        Assert.Equal(AuxiliaryPeer.AppHostPath, information.GetProperty("appHostPath").GetString());
        Assert.Equal(Environment.ProcessId, information.GetProperty("processId").GetInt32());
        var ticks = ProcessTable.Read(Environment.ProcessId)!.Value.StartTicks;
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(ticks * 10), information.GetProperty("stableStartedAt").GetDateTimeOffset());
        Assert.InRange(information.GetProperty("startedAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow);
        Assert.False(information.TryGetProperty("cliProcessId", out _));
    }

    [Fact]
    public async Task Tells_its_process_as_text_in_a_list()
    {
        await using var peer = new AuxiliaryPeer();

        var info = await peer.Client.AskAsync("GetAppHostInfoAsync", "[{}]");

        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), info.GetProperty("pid").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+", info.GetProperty("aspireHostVersion").GetString());
    }

    [Fact]
    public async Task Speaks_every_version_of_the_channel()
    {
        await using var peer = new AuxiliaryPeer();

        var answer = await peer.Client.AskAsync("GetCapabilitiesAsync", "[{}]");

        Assert.Equal("""{"capabilities":["aux.v1","aux.v2","aux.v3"]}""", answer.GetRawText());
        Assert.Equal(JsonValueKind.Null, (await peer.Client.AskAsync("GetDashboardMcpConnectionInfoAsync")).ValueKind);
    }

    [Fact]
    public async Task Says_that_there_is_no_dashboard_where_it_is_off()
    {
        await using var peer = new AuxiliaryPeer();

        Assert.Equal("""{"dashboardHealthy":false}""", (await peer.Client.AskAsync("GetDashboardUrlsAsync")).GetRawText());
        Assert.Equal("""{"dashboardUrls":[],"isHealthy":false}""", (await peer.Client.AskAsync("GetDashboardInfoAsync", "[{}]")).GetRawText());
    }

    [Theory]
    [InlineData("StopAppHostAsync", "[]")]
    [InlineData("StopAsync", "[{}]")]
    public async Task Stops_when_it_is_asked_to_and_answers_first(string method, string parameters)
    {
        await using var peer = new AuxiliaryPeer();
        var stopping = new TaskCompletionSource();
        await using var registration = peer.Model.Lifetime.ApplicationStopping.Register(stopping.SetResult);

        await peer.Client.AskAsync(method, parameters);

        await stopping.Task.InTime();
    }

    [Fact]
    public async Task Is_ready_when_the_host_has_started_and_not_when_it_ends_before()
    {
        await using var peer = new AuxiliaryPeer();

        await peer.Client.BeginAsync("WaitForAppHostReadyAsync", "[{}]");
        peer.Model.Lifetime.StopApplication();

        Assert.False((await peer.Client.ReadAsync()).GetProperty("result").GetProperty("isReady").GetBoolean());
    }
}
