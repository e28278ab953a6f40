using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Aspire.Hosting.Grpc;
using FlaskStack.Tests.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Dashboard.ResourceService;

public sealed class ConsoleLogTests
{
    private const string Id = "worker-aaaaaaaa";

    [Fact]
    public async Task Sends_what_was_logged_and_then_what_is_logged()
    {
        await using var service = await StartAsync();
        service.Model.Logs.Append(Id, new DateTime(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc), "before", isError: false);

        using var reply = await service.WatchLogsAsync(Id);
        var before = Assert.Single((await reply.ReadAsync())!.LogLines);
        Write(service, "after", isError: true);
        var after = Assert.Single((await reply.ReadAsync())!.LogLines);

        Assert.Equal(new ConsoleLogLine { Text = "2026-03-04T05:06:07.0000000Z before", LineNumber = 1, IsStdErr = false }, before);
        Assert.EndsWith(" after", after.Text, StringComparison.Ordinal);
        Assert.Equal((2, true), (after.LineNumber, after.IsStdErr));
    }

    [Fact]
    public async Task Ends_after_what_was_logged_when_it_is_not_to_follow()
    {
        await using var service = await StartAsync();
        Write(service, "only");

        using var reply = await service.WatchLogsAsync(Id, follow: false);

        Assert.EndsWith(" only", Assert.Single((await reply.ReadAsync())!.LogLines).Text, StringComparison.Ordinal);
        Assert.Equal(GrpcStatusCode.Ok, (await reply.EndAsync()).Status);
    }

    [Fact]
    public async Task Has_nothing_to_say_of_a_resource_nobody_knows()
    {
        await using var service = await StartAsync();

        using var reply = await service.WatchLogsAsync("nobody");

        Assert.Equal(GrpcStatusCode.Ok, (await reply.EndAsync()).Status);
    }

    [Fact]
    public async Task Loses_no_line_of_many_and_keeps_their_order()
    {
        const int Lines = 50_000;
        await using var service = await StartAsync();
        using var reply = await service.WatchLogsAsync(Id);

        // A reader that keeps up, however fast the writer is: it may be ahead by as much as the log holds.
        var received = 0;
        for (var sent = 0; received < Lines;)
        {
            for (; sent < Lines && sent - received < 5_000; sent++)
            {
                Write(service, sent.ToString(CultureInfo.InvariantCulture));
            }

            foreach (var line in (await reply.ReadAsync())!.LogLines)
            {
                Assert.EndsWith($" {received++}", line.Text, StringComparison.Ordinal);
                Assert.Equal(received, line.LineNumber);
            }
        }
    }

    [Fact]
    public async Task Keeps_no_lines_for_a_reader_that_stood_still_and_tells_how_many_it_missed()
    {
        const int Lines = 60_000;
        await using var service = await StartAsync();
        Write(service, "first");
        using var reply = await service.WatchLogsAsync(Id);
        await reply.ReadAsync();

        for (var i = 0; i < Lines; i++)
        {
            Write(service, $"{i} {new string('x', 200)}");
        }

        Write(service, "last");
        var lines = new List<ConsoleLogLine>();
        while (!(lines.LastOrDefault()?.Text.EndsWith(" last", StringComparison.Ordinal) ?? false))
        {
            lines.AddRange((await reply.ReadAsync())!.LogLines);
        }

        Assert.Contains(lines, static line => line.Text.Contains("lines are missing here", StringComparison.Ordinal));
        Assert.InRange(lines.Count, 2, Lines / 2);
        Assert.Equal(lines.Select(static line => line.LineNumber).Order(), lines.Select(static line => line.LineNumber));
    }

    [Fact]
    public async Task Shows_of_a_group_what_happened_to_it_and_of_a_replica_what_it_wrote()
    {
        await using var service = await RunningResourceService.StartAsync();
        var api = RunningResourceService.Replicated("api", "api-aaaaaaaa", "api-bbbbbbbb");
        await service.Model.Notifications.PublishUpdateAsync(api, static snapshot => snapshot with { State = KnownResourceStates.Running });
        service.Model.Logs.Append("api-aaaaaaaa", DateTime.UnixEpoch, "from a", isError: false);
        service.Model.Logs.Append("api-bbbbbbbb", DateTime.UnixEpoch, "from b", isError: false);
        service.Model.Logs.Write("api", "of the group", isError: false);

        Assert.Equal(["of the group"], await TextsAsync(service, "api"));
        Assert.Equal(["from a"], await TextsAsync(service, "api-aaaaaaaa"));
    }

    [Fact]
    public async Task Shows_of_a_single_instance_also_what_was_logged_about_its_resource()
    {
        await using var service = await StartAsync();
        service.Model.Logs.Write("worker", "about it", isError: true);
        Write(service, "its own");

        Assert.Equal(["about it", "its own"], await TextsAsync(service, Id));
    }

    [Fact]
    public void Cuts_batches_that_a_caller_could_not_take()
    {
        var line = new LogLine(1, new string('x', ResourceLog.MaximumLineLength), IsErrorMessage: false);

        var updates = ConsoleLogStream.Split([.. Enumerable.Repeat(line, 100)]).ToArray();

        Assert.Equal(100, updates.Sum(static update => update.LogLines.Count));
        Assert.All(updates, static update => Assert.InRange(update.CalculateSize(), 1, 4 * 1024 * 1024));
        Assert.True(updates.Length > 1);
    }

    [Fact]
    public async Task Sends_a_line_that_was_cut_inside_a_character()
    {
        await using var service = await StartAsync();
        Write(service, "half a \uD83D");

        using var reply = await service.WatchLogsAsync(Id, follow: false);

        Assert.Contains(" half a ", Assert.Single((await reply.ReadAsync())!.LogLines).Text, StringComparison.Ordinal);
    }

    private static async Task<RunningResourceService> StartAsync()
    {
        var service = await RunningResourceService.StartAsync();
        var worker = new SampleResource("worker").With(new ResourceInstancesAnnotation([Id]));
        await service.Model.SetStateAsync(worker, Id, KnownResourceStates.Running);
        return service;
    }

    private static void Write(RunningResourceService service, string text, bool isError = false) => service.Model.Logs.Append(Id, DateTime.UtcNow, text, isError);

    private static async Task<IEnumerable<string>> TextsAsync(RunningResourceService service, string id)
    {
        using var reply = await service.WatchLogsAsync(id, follow: false);
        var lines = new List<ConsoleLogLine>();
        while (await reply.ReadAsync() is { } update)
        {
            lines.AddRange(update.LogLines);
        }

        return lines.Select(static line => line.Text[(line.Text.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
    }
}
