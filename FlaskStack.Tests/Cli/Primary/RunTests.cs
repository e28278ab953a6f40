using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Cli.Primary;

public sealed class RunTests
{
    [Fact]
    public async Task Says_that_it_is_compatible_and_that_there_is_no_dashboard()
    {
        await using var peer = new PrimaryPeer();

        Assert.Contains("baseline.v2", (await peer.Client.AskAsync("GetCapabilitiesAsync")).EnumerateArray().Select(static name => name.GetString()));
        Assert.Equal("""{"dashboardHealthy":false}""", (await peer.Client.AskAsync("GetDashboardUrlsAsync")).GetRawText());
        Assert.Equal(JsonValueKind.Null, (await peer.Client.AskAsync("NotifyAppHostReadyAsync")).ValueKind);
    }

    [Fact]
    public async Task Hands_over_the_log_from_its_beginning()
    {
        await using var peer = new PrimaryPeer();
        var logger = peer.Log.CreateLogger("Stack");
        logger.Log(LogLevel.Warning, new EventId(7, "Odd"), "text", new InvalidOperationException("cause"), static (state, _) => state);

        var token = await peer.Client.OpenAsync("GetAppHostLogEntriesAsync");
        var (first, _) = await peer.Client.PullAsync(token);
        logger.Log(LogLevel.Information, default, "later", null, static (state, _) => state);
        var (second, _) = await peer.Client.PullAsync(token);

        var entry = Assert.Single(first);
        Assert.Equal("""{"id":7,"name":"Odd"}""", entry.GetProperty("eventId").GetRawText());
        Assert.Equal(3, entry.GetProperty("logLevel").GetInt32());
        Assert.StartsWith("text\nSystem.InvalidOperationException: cause", entry.GetProperty("message").GetString()!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal("2026-03-04T05:06:07+00:00", entry.GetProperty("timestamp").GetString());
        Assert.Equal("Stack", entry.GetProperty("categoryName").GetString());
        Assert.Equal("later", Assert.Single(second).GetProperty("message").GetString());
    }

    [Fact]
    public async Task Keeps_the_newest_lines_for_a_CLI_that_comes_late()
    {
        await using var peer = new PrimaryPeer();
        var logger = peer.Log.CreateLogger("Stack");
        for (var i = 1; i <= 1500; i++)
        {
            logger.Log(LogLevel.Information, default, i, null, static (state, _) => $"{state}");
        }

        var (first, _) = await peer.Client.PullAsync(await peer.Client.OpenAsync("GetAppHostLogEntriesAsync"));

        Assert.Equal("501", first[0].GetProperty("message").GetString());
    }

    [Fact]
    public async Task Tells_states_to_terminals_without_a_dashboard()
    {
        await using var peer = new PrimaryPeer();
        await peer.Model.Notifications.PublishUpdateAsync(new SampleResource("api"), "api", static snapshot => snapshot with
        {
            ResourceType = "Project",
            State = KnownResourceStates.Running,
            Urls = [new UrlSnapshot("http", "http://localhost:1", IsInternal: false)],
        });

        var (values, _) = await peer.Client.PullAsync(await peer.Client.OpenAsync("GetResourceStatesAsync"));

        Assert.Equal("""{"resource":"api","type":"Project","state":"Running","endpoints":["http://localhost:1"],"health":"Healthy"}""", Assert.Single(values).GetRawText());
    }

    [Fact]
    public async Task Stops_when_it_is_asked_to_and_answers_first()
    {
        await using var peer = new PrimaryPeer();
        var stopping = new TaskCompletionSource();
        await using var registration = peer.Model.Lifetime.ApplicationStopping.Register(stopping.SetResult);

        await peer.Client.AskAsync("RequestStopAsync");

        await stopping.Task.InTime();
    }
}
