using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Cli.Auxiliary;

public sealed class ConsoleLogTests
{
    private static readonly DateTime Start = new(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc);

    private readonly SampleResource _api = new("api");
    private readonly SampleResource _nginx = new("nginx");

    [Fact]
    public async Task Reads_all_replicas_of_a_resource_in_the_order_of_time()
    {
        await using var peer = await StartAsync();
        Write(peer, "api-b", 2, "two");
        Write(peer, "api-a", 1, "one");
        Write(peer, "api-a", 3, "three", isError: true);
        Write(peer, "nginx-a", 1, "other");

        var lines = await ReadAsync(peer, """{"resourceName":"api","follow":false}""");

        Assert.Equal(["api-a one", "api-b two", "api-a three"], lines.Select(Text));
        Assert.Equal([false, false, true], lines.Select(static line => line.GetProperty("isError").GetBoolean()));
        Assert.Equal("2026-03-04T05:06:08.0000000Z one", lines[0].GetProperty("content").GetString());
    }

    [Fact]
    public async Task Reads_one_replica_by_its_name_and_everything_without_one()
    {
        await using var peer = await StartAsync();
        Write(peer, "api-b", 2, "two");
        Write(peer, "api-a", 1, "one");
        Write(peer, "nginx-a", 3, "three");

        Assert.Equal(["api-a one"], (await ReadAsync(peer, """{"resourceName":"api-a"}""")).Select(Text));
        Assert.Equal(["api-a one", "api-b two", "nginx-a three"], (await ReadAsync(peer, "{}")).Select(Text));
        Assert.Empty(await ReadAsync(peer, """{"resourceName":"nobody"}"""));
    }

    [Fact]
    public async Task Reads_hidden_rows_only_when_they_are_meant()
    {
        await using var peer = await StartAsync();
        await peer.Model.Notifications.PublishUpdateAsync(_nginx, "nginx-a", static snapshot => snapshot with { IsHidden = true });
        Write(peer, "nginx-a", 1, "hidden");

        Assert.Empty(await ReadAsync(peer, "{}"));
        Assert.Single(await ReadAsync(peer, """{"includeHidden":true}"""));
        Assert.Single(await ReadAsync(peer, """{"resourceName":"nginx"}"""));
    }

    [Fact]
    public async Task Gives_the_last_lines_and_leaves_a_search_to_the_client()
    {
        await using var peer = await StartAsync();
        for (var i = 1; i <= 5; i++)
        {
            Write(peer, "api-a", i, $"line {i}");
        }

        Assert.Equal(["api-a line 4", "api-a line 5"], (await ReadAsync(peer, """{"resourceName":"api","tail":2}""")).Select(Text));
        Assert.Equal(5, (await ReadAsync(peer, """{"resourceName":"api","tail":2,"search":"line"}""")).Count);
    }

    [Fact]
    public async Task Follows_from_where_the_same_client_ended_reading()
    {
        await using var peer = await StartAsync();
        Write(peer, "api-a", 1, "one");
        Write(peer, "api-a", 2, "two");
        Assert.Single(await ReadAsync(peer, """{"resourceName":"api","tail":1}"""));
        Write(peer, "api-a", 3, "three");

        var token = await peer.Client.OpenAsync("GetConsoleLogBatchesAsync", """[{"resourceName":"api","follow":true}]""");
        var first = await PullLinesAsync(peer, token);
        Write(peer, "api-b", 4, "four");
        var second = await PullLinesAsync(peer, token);

        Assert.Equal(["api-a three"], first.Select(Text));
        Assert.Equal(["api-b four"], second.Select(Text));
    }

    [Fact]
    public async Task Follows_from_the_first_line_for_a_client_that_has_read_nothing()
    {
        await using var peer = await StartAsync();
        Write(peer, "api-a", 1, "one");
        await ReadAsync(peer, """{"resourceName":"api"}""");
        using var other = peer.Connect();

        var token = await other.OpenAsync("GetConsoleLogBatchesAsync", """[{"resourceName":"api","follow":true}]""");

        Assert.Equal("api-a one", Text((await other.PullAsync(token)).Values[0].GetProperty("lines")[0]));
    }

    [Fact]
    public async Task Follows_a_replica_that_comes_later()
    {
        await using var peer = await StartAsync();

        var token = await peer.Client.OpenAsync("GetConsoleLogBatchesAsync", """[{"resourceName":"api","follow":true}]""");
        await peer.Model.SetStateAsync(_api, "api-c", KnownResourceStates.Running);
        Write(peer, "api-c", 1, "late");

        Assert.Equal(["api-c late"], (await PullLinesAsync(peer, token)).Select(Text));
    }

    [Fact]
    public async Task Ends_at_once_for_a_resource_that_is_not_there()
    {
        await using var peer = await StartAsync();

        var token = await peer.Client.OpenAsync("GetConsoleLogBatchesAsync", """[{"resourceName":"nobody","follow":true}]""");

        Assert.True((await peer.Client.PullAsync(token)).IsFinished);
    }

    [Fact]
    public async Task Splits_much_into_pieces_of_bounded_size_and_loses_nothing()
    {
        await using var peer = await StartAsync();
        for (var i = 0; i < 1000; i++)
        {
            Write(peer, "api-a", i, new string('x', 2000));
        }

        var token = await peer.Client.OpenAsync("GetConsoleLogBatchesAsync", """[{"resourceName":"api"}]""");
        var counts = new List<int>();
        while (await peer.Client.PullAsync(token) is ([var batch, ..], _))
        {
            counts.Add(batch.GetProperty("lines").GetArrayLength());
        }

        Assert.Equal(1000, counts.Sum());
        Assert.All(counts, static count => Assert.InRange(count, 1, 256));
    }

    [Theory]
    [InlineData("GetConsoleLogsAsync", """[{"resourceName":"api"}]""")]
    [InlineData("GetResourceLogsAsync", """["api",false]""")]
    [InlineData("GetResourceLogsAsync", "[null,false]")]
    public async Task Gives_older_clients_line_after_line(string method, string parameters)
    {
        await using var peer = await StartAsync();
        Write(peer, "api-a", 1, "one");
        Write(peer, "api-a", 2, "two");

        var (values, _) = await peer.Client.PullAsync(await peer.Client.OpenAsync(method, parameters));

        Assert.Equal(["api-a one", "api-a two"], values.Select(Text));
    }

    private async Task<AuxiliaryPeer> StartAsync()
    {
        var peer = new AuxiliaryPeer(_api, _nginx);
        foreach (var id in new[] { "api", "api-a", "api-b" })
        {
            await peer.Model.SetStateAsync(_api, id, KnownResourceStates.Running);
        }

        await peer.Model.SetStateAsync(_nginx, "nginx-a", KnownResourceStates.Running);
        return peer;
    }

    private static void Write(AuxiliaryPeer peer, string id, int second, string text, bool isError = false) =>
        peer.Model.Logs.Append(id, Start.AddSeconds(second), text, isError);

    private static async Task<List<JsonElement>> ReadAsync(AuxiliaryPeer peer, string request)
    {
        var token = await peer.Client.OpenAsync("GetConsoleLogBatchesAsync", $"[{request}]");
        var lines = new List<JsonElement>();
        while (true)
        {
            var (values, isFinished) = await peer.Client.PullAsync(token);
            lines.AddRange(values.SelectMany(static batch => batch.GetProperty("lines").EnumerateArray()));
            if (isFinished)
            {
                return lines;
            }
        }
    }

    private static async Task<JsonElement[]> PullLinesAsync(AuxiliaryPeer peer, string token) =>
        [.. (await peer.Client.PullAsync(token)).Values.SelectMany(static batch => batch.GetProperty("lines").EnumerateArray())];

    private static string Text(JsonElement line) => $"{line.GetProperty("resourceName")} {line.GetProperty("content").GetString()!.Split(' ', 2)[1]}";
}
