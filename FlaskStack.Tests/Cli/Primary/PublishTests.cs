using System.Text.Json;
using Aspire.Hosting.Publishing.Progress;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Cli.Primary;

public sealed class PublishTests
{
    [Fact]
    public async Task Waits_for_the_CLI_tells_it_everything_and_goes_when_it_is_asked_to_stop()
    {
        await using var peer = new PrimaryPeer();
        var reader = peer.Progress.WaitForReaderAsync(CancellationToken.None);
        Assert.False(reader.IsCompleted);

        var token = await peer.Client.OpenAsync("GetPublishingActivitiesAsync");
        var pull = await peer.Client.BeginAsync("$/enumerator/next", $"[{token}]");
        await reader.InTime();
        var step = peer.Progress.BeginStep("Write");
        var first = await peer.Client.ReadAsync();
        var task = peer.Progress.BeginTask(step, "manifest");
        peer.Progress.Log(step, LogLevel.Warning, "hm");
        peer.Progress.End(task, PublishState.Completed, "3 files");
        peer.Progress.End(step, PublishState.CompletedWithWarning, "Written");
        var completion = peer.Progress.CompleteAsync(PublishState.Completed, "Published.", [new PublishSummaryItem("Output", "/out")], CancellationToken.None);
        var rest = await PullAllAsync(peer, token);

        Assert.Equal(pull, first.GetProperty("id").GetInt32());
        Assert.Equal(["step InProgress Write"], first.GetProperty("result").GetProperty("values").EnumerateArray().Select(Text));
        Assert.Equal(
            ["task InProgress manifest", "log Completed hm", "task Completed manifest", "step CompletedWithWarning Written", "publish-complete Completed Published."],
            rest.Select(Text));
        Assert.Equal(("Warning", step.Id), (rest[1].GetProperty("data").GetProperty("logLevel").GetString(), rest[1].GetProperty("data").GetProperty("stepId").GetString()));
        Assert.Equal("3 files", rest[2].GetProperty("data").GetProperty("completionMessage").GetString());
        Assert.Equal("""[{"key":"Output","value":"/out","enableMarkdown":false}]""", rest[4].GetProperty("data").GetProperty("pipelineSummary").GetRawText());
        Assert.False(completion.IsCompleted);
        await peer.Client.NotifyAsync("$/enumerator/abort", $"[{token}]");
        await peer.Client.AskAsync("RequestStopAsync");
        await completion.InTime();
        Assert.True(peer.Model.Lifetime.ApplicationStopping.IsCancellationRequested || await StopsAsync(peer));
    }

    [Fact]
    public async Task Tells_a_failure_that_no_step_told_as_a_step_since_the_CLI_shows_no_other()
    {
        await using var peer = new PrimaryPeer();

        var token = await peer.Client.OpenAsync("GetPublishingActivitiesAsync");
        _ = peer.Progress.CompleteAsync(PublishState.CompletedWithError, "There is no step 'x'.", [], CancellationToken.None);

        Assert.Equal(
            ["step InProgress publish", "step CompletedWithError There is no step 'x'.", "publish-complete CompletedWithError There is no step 'x'."],
            (await PullAllAsync(peer, token)).Select(Text));
    }

    [Fact]
    public async Task Tells_a_failure_once()
    {
        await using var peer = new PrimaryPeer();

        var token = await peer.Client.OpenAsync("GetPublishingActivitiesAsync");
        peer.Progress.End(peer.Progress.BeginStep("x"), PublishState.CompletedWithError, "no luck");
        _ = peer.Progress.CompleteAsync(PublishState.CompletedWithError, "The step 'x' failed.", [], CancellationToken.None);

        Assert.Equal(
            ["step InProgress x", "step CompletedWithError no luck", "publish-complete CompletedWithError The step 'x' failed."],
            (await PullAllAsync(peer, token)).Select(Text));
    }

    [Fact]
    public async Task Goes_when_the_CLI_leaves_before_the_end()
    {
        await using var peer = new PrimaryPeer();

        var token = await peer.Client.OpenAsync("GetPublishingActivitiesAsync");
        var step = peer.Progress.BeginStep("Write");
        await peer.Client.PullAsync(token);
        peer.Client.Dispose();
        peer.Progress.End(step, PublishState.Completed);

        await peer.Progress.CompleteAsync(PublishState.Completed, "Published.", [], CancellationToken.None).InTime();
    }

    private static async Task<bool> StopsAsync(PrimaryPeer peer)
    {
        await Task.Delay(Timeout.Infinite, peer.Model.Lifetime.ApplicationStopping).WaitAsync(Deadline.Generous).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return peer.Model.Lifetime.ApplicationStopping.IsCancellationRequested;
    }

    private static async Task<List<JsonElement>> PullAllAsync(PrimaryPeer peer, string token)
    {
        var all = new List<JsonElement>();
        while (all.LastOrDefault() is not { ValueKind: JsonValueKind.Object } last || last.GetProperty("type").GetString() != "publish-complete")
        {
            all.AddRange((await peer.Client.PullAsync(token)).Values);
        }

        return all;
    }

    private static string Text(JsonElement activity)
    {
        var data = activity.GetProperty("data");
        return $"{activity.GetProperty("type")} {data.GetProperty("completionState")} {data.GetProperty("statusText")}";
    }
}
