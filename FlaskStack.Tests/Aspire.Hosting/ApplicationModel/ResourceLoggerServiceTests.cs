using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Hosting.ApplicationModel;

public sealed class ResourceLoggerServiceTests : IDisposable
{
    private static readonly DateTime Time = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    private readonly ModelFixture _model = new();
    private readonly SampleResource _api = new("api");

    public void Dispose() => _model.Dispose();

    private ResourceLoggerService Logs => _model.Logs;

    [Fact]
    public async Task A_line_has_a_number_a_time_and_a_text()
    {
        Logs.Append("api-one", Time, "hello", isError: false);
        Logs.Append("api-one", Time, "", isError: true);

        Assert.Equal([new LogLine(1, "2026-01-02T03:04:05.6780000Z hello", false), new LogLine(2, "2026-01-02T03:04:05.6780000Z ", true)], await AllAsync("api-one"));
    }

    [Fact]
    public async Task An_entry_of_level_error_is_an_error_line()
    {
        Write(_api, LogLevel.Warning, "careful");
        Write(_api, LogLevel.Error, "broken", new InvalidOperationException("why"));

        var lines = await AllAsync("api");
        Assert.Equal([false, true], lines.Select(static line => line.IsErrorMessage));
        Assert.StartsWith("2026-03-04T05:06:07.0000000Z careful", lines[0].Content, StringComparison.Ordinal);
        Assert.Contains("why", lines[1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_holds_the_newest_ten_thousand_lines()
    {
        Append("api-one", 25_000);

        var lines = await AllAsync("api-one");
        Assert.Equal(10_000, lines.Count);
        Assert.Equal(Enumerable.Range(15_001, 10_000), lines.Select(static line => line.LineNumber));
        Assert.EndsWith(" 25000", lines[^1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_holds_at_most_eight_mebibytes()
    {
        var text = new string('x', 60_000);
        for (var i = 0; i < 200; i++)
        {
            Logs.Append("api-one", Time, text, isError: false);
        }

        var lines = await AllAsync("api-one");
        Assert.InRange(lines.Sum(static line => (long)line.Content.Length * sizeof(char)), 7 * 1024 * 1024, 8 * 1024 * 1024);
        Assert.Equal(200, lines[^1].LineNumber);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_cut_and_says_so()
    {
        Logs.Append("api-one", Time, new string('x', 70_000), isError: false);

        Assert.EndsWith("x… [4464 characters cut]", Assert.Single(await AllAsync("api-one")).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_gets_what_there_is_and_then_what_comes()
    {
        Append("api-one", 2);
        await using var watch = Logs.WatchAsync("api-one").GetAsyncEnumerator(ModelFixture.Deadline);

        Assert.Equal([1, 2], await NextAsync(watch));
        Append("api-one", 1);
        Assert.Equal([3], await NextAsync(watch));
    }

    [Fact]
    public async Task A_reader_that_stalls_costs_the_writer_nothing_and_is_told_what_it_missed()
    {
        Append("api-one", 1);
        await using var watch = Logs.WatchAsync("api-one").GetAsyncEnumerator(ModelFixture.Deadline);
        await NextAsync(watch);

        Append("api-one", 100_000);
        Logs.Complete("api-one");
        var lines = new List<LogLine>();
        while (await watch.MoveNextAsync())
        {
            lines.AddRange(watch.Current);
        }

        Assert.Contains("[90000 lines are missing here", lines[0].Content, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(90_002, 10_000), lines.Skip(1).Select(static line => line.LineNumber));
    }

    [Fact]
    public async Task A_reader_that_keeps_up_with_a_fast_writer_gets_every_line_or_is_told()
    {
        const int Total = 200_000;
        var reading = Task.Run(async () =>
        {
            var got = 0L;
            await foreach (var batch in Logs.WatchAsync("api-one").WithCancellation(ModelFixture.Deadline))
            {
                got += batch.Sum(static line => Missed(line.Content) ?? 1);
            }

            return got;
        });
        await foreach (var change in Logs.WatchAnySubscribersAsync(ModelFixture.Deadline))
        {
            Assert.Equal(new LogSubscriber("api-one", true), change);
            break;
        }

        Append("api-one", Total);
        Logs.Complete("api-one");

        // Lines dropped before the reader's first look are not counted for it.
        Assert.InRange(await reading, 10_000, Total);
    }

    [Fact]
    public async Task A_completed_log_ends_its_readers_and_opens_again_with_the_next_line()
    {
        Append("api-one", 1);
        await using var first = Logs.WatchAsync("api-one").GetAsyncEnumerator(ModelFixture.Deadline);
        await NextAsync(first);
        Logs.Complete("api-one");
        Assert.False(await first.MoveNextAsync());

        Append("api-one", 1);
        await using var second = Logs.WatchAsync("api-one").GetAsyncEnumerator(ModelFixture.Deadline);
        Assert.Equal([1, 2], await NextAsync(second));
        var next = second.MoveNextAsync();
        Assert.False(next.IsCompleted);
        Append("api-one", 1);
        Assert.True(await next);
    }

    [Fact]
    public async Task A_cleared_log_is_empty_and_its_numbers_go_on()
    {
        Append("api-one", 3);

        Logs.ClearBacklog("api-one");
        Append("api-one", 1);

        Assert.Equal(4, Assert.Single(await AllAsync("api-one")).LineNumber);
    }

    [Fact]
    public async Task A_reader_by_model_name_follows_every_instance_also_one_that_comes_later()
    {
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);
        Logs.Append("api-one", Time, "one", isError: false);
        await using var watch = Logs.WatchAsync("api").GetAsyncEnumerator(ModelFixture.Deadline);
        Assert.Equal(["one"], await NextTextsAsync(watch));

        await _model.SetStateAsync(_api, "api-two", KnownResourceStates.Running);
        Logs.Append("api-two", Time, "two", isError: false);

        Assert.Equal(["two"], await NextTextsAsync(watch));
    }

    [Fact]
    public async Task A_reader_of_one_of_several_instances_gets_that_one()
    {
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);
        await _model.SetStateAsync(_api, "api-two", KnownResourceStates.Running);
        Logs.Append("api-one", Time, "one", isError: false);
        Logs.Append("api-two", Time, "two", isError: false);

        Assert.EndsWith(" two", Assert.Single(await AllAsync("api-two")).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_logged_about_a_resource_goes_to_its_instances_or_to_its_group()
    {
        var grouped = new SampleResource("grouped");
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);
        await _model.SetStateAsync(grouped, "grouped", KnownResourceStates.Running);
        await _model.SetStateAsync(grouped, "grouped-one", KnownResourceStates.Running);
        await _model.SetStateAsync(grouped, "grouped-two", KnownResourceStates.Running);

        Write(_api, LogLevel.Information, "about api");
        Write(grouped, LogLevel.Information, "about the group");

        Assert.Single(await AllAsync("api-one"));
        Assert.Single(await AllAsync("grouped"));
        Assert.Empty(await AllAsync("grouped-one"));
    }

    [Fact]
    public async Task What_was_logged_before_the_only_instance_was_known_is_read_with_it()
    {
        Write(_api, LogLevel.Information, "early");
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);
        Logs.Append("api-one", Time, "late", isError: false);

        Assert.Equal(["early", "late"], (await AllAsync("api-one")).Select(Text));
    }

    [Fact]
    public async Task Whether_anybody_reads_is_told_at_each_change()
    {
        await using var changes = Logs.WatchAnySubscribersAsync(ModelFixture.Deadline).GetAsyncEnumerator();
        Append("api-one", 1);
        var next = changes.MoveNextAsync();

        await using (var watch = Logs.WatchAsync("api-one").GetAsyncEnumerator(ModelFixture.Deadline))
        {
            await NextAsync(watch);
            Assert.True(await next);
            Assert.Equal(new LogSubscriber("api-one", true), changes.Current);
        }

        Assert.True(await changes.MoveNextAsync());
        Assert.Equal(new LogSubscriber("api-one", false), changes.Current);
    }

    [Fact]
    public async Task Readers_end_when_the_service_is_disposed()
    {
        await using var watch = Logs.WatchAsync("api").GetAsyncEnumerator(ModelFixture.Deadline);
        var next = watch.MoveNextAsync();

        Logs.Dispose();

        Assert.False(await next);
    }

    [Fact]
    public async Task A_canceled_reader_is_told_so()
    {
        using var cancellation = new CancellationTokenSource();
        await using var watch = Logs.WatchAsync("api").GetAsyncEnumerator(cancellation.Token);
        var next = watch.MoveNextAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    private void Append(string id, int count)
    {
        for (var i = 1; i <= count; i++)
        {
            Logs.Append(id, Time, i.ToString(System.Globalization.CultureInfo.InvariantCulture), isError: false);
        }
    }

    private void Write(IResource resource, LogLevel level, string text, Exception? exception = null)
        => Logs.GetLogger(resource).Log(level, default, text, exception, static (state, _) => state);

    private async Task<List<LogLine>> AllAsync(string name)
    {
        var lines = new List<LogLine>();
        await foreach (var batch in Logs.GetAllAsync(name))
        {
            lines.AddRange(batch);
        }

        return lines;
    }

    private static async Task<IEnumerable<int>> NextAsync(IAsyncEnumerator<IReadOnlyList<LogLine>> watch)
    {
        Assert.True(await watch.MoveNextAsync());
        return watch.Current.Select(static line => line.LineNumber);
    }

    private static async Task<IEnumerable<string>> NextTextsAsync(IAsyncEnumerator<IReadOnlyList<LogLine>> watch)
    {
        Assert.True(await watch.MoveNextAsync());
        return watch.Current.Select(Text);
    }

    private static string Text(LogLine line) => line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static long? Missed(string content)
    {
        var start = content.IndexOf('[', StringComparison.Ordinal);
        return start < 0 ? null : long.Parse(content.AsSpan(start + 1, content.IndexOf(" lines", StringComparison.Ordinal) - start - 1), System.Globalization.CultureInfo.InvariantCulture);
    }
}
