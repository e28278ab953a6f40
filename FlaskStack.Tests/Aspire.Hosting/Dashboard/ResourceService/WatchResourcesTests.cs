using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Aspire.Hosting.Grpc;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Processes;
using ResourceMessage = Aspire.Hosting.Dashboard.ResourceService.Protocol.Resource;

namespace FlaskStack.Tests.Hosting.Dashboard.ResourceService;

public sealed class WatchResourcesTests
{
    // Fills the way to a reader with a few messages.
    private static readonly ResourcePropertySnapshot Ballast = new("ballast", new string('x', 64 * 1024));

    [Fact]
    public async Task Sends_everything_first_and_then_what_changes()
    {
        await using var service = await RunningResourceService.StartAsync();
        var api = RunningResourceService.Replicated("api", "api-aaaaaaaa", "api-bbbbbbbb");
        await service.Model.Notifications.PublishUpdateAsync(api, static snapshot => snapshot with { State = KnownResourceStates.Starting });

        using var reply = await service.WatchAsync();
        var initial = await reply.ReadAsync();
        await service.Model.SetStateAsync(api, "api-bbbbbbbb", KnownResourceStates.Exited, exitCode: 3);
        var change = await reply.ReadAsync();

        Assert.Equal(["api", "api-aaaaaaaa", "api-bbbbbbbb"], initial?.InitialData?.Resources.Select(static resource => resource.Name));
        var upsert = Assert.Single(Assert.IsType<WatchResourcesChanges>(change?.Changes).Value).Upsert;
        Assert.Equal(("api-bbbbbbbb", "Exited"), (upsert.Name, upsert.State));
    }

    [Fact]
    public async Task Sends_an_empty_start_at_once_when_nothing_is_known()
    {
        await using var service = await RunningResourceService.StartAsync();

        using var reply = await service.WatchAsync();
        var initial = await reply.ReadAsync();

        Assert.Equal(WatchResourcesUpdate.KindOneofCase.InitialData, initial?.KindCase);
        Assert.Empty(initial!.InitialData.Resources);
    }

    [Fact]
    public async Task Gives_a_reader_that_stood_still_the_newest_of_each_row_and_not_all_that_was()
    {
        const int Changes = 20_000;
        await using var service = await RunningResourceService.StartAsync();
        var worker = new SampleResource("worker");
        await PublishAsync(service, worker, 0);
        using var reply = await service.WatchAsync();
        await reply.ReadAsync();

        for (var i = 1; i <= Changes; i++)
        {
            await PublishAsync(service, worker, i);
        }

        var seen = new List<int>();
        while (seen.LastOrDefault() != Changes)
        {
            var update = await reply.ReadAsync();
            seen.AddRange(update!.Changes.Value.Select(static change => Number(change.Upsert)));
        }

        Assert.Equal(seen.Order(), seen);
        Assert.InRange(seen.Count, 1, 100);
    }

    [Fact]
    public async Task Leaves_out_a_row_that_cannot_be_converted_and_says_so_once()
    {
        await using var service = await RunningResourceService.StartAsync();
        var broken = new SampleResource("broken");
        using var reply = await service.WatchAsync();
        await reply.ReadAsync();

        foreach (var state in new[] { KnownResourceStates.Starting, KnownResourceStates.Running })
        {
            await service.Model.Notifications.PublishUpdateAsync(broken, snapshot => snapshot with { State = state, Urls = [new UrlSnapshot("http", Url: null!, IsInternal: false)] });
            await service.Model.SetStateAsync(new SampleResource($"fine-{state}"), $"fine-{state}", state);
            var update = await reply.ReadAsync();
            while (update!.Changes.Value.Count == 0)
            {
                update = await reply.ReadAsync();
            }

            Assert.Equal($"fine-{state}", Assert.Single(update.Changes.Value).Upsert.Name);
        }

        Assert.Contains("'broken'", Assert.Single(service.Logger.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Never_ends_well_not_even_with_the_application()
    {
        await using var service = await RunningResourceService.StartAsync();
        using var reply = await service.WatchAsync();
        await reply.ReadAsync();

        service.Model.Notifications.Dispose();

        Assert.Equal(GrpcStatusCode.Unavailable, (await reply.EndAsync()).Status);
    }

    [Fact]
    public async Task Ends_when_the_service_stops()
    {
        await using var service = await RunningResourceService.StartAsync();
        using var reply = await service.WatchAsync();
        await reply.ReadAsync();

        await service.StopAsync();

        Assert.Equal(GrpcStatusCode.Unavailable, (await reply.EndAsync()).Status);
    }

    [Fact]
    public async Task Serves_many_watchers_at_once()
    {
        await using var service = await RunningResourceService.StartAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.WatchAsync())).InTime();
        await Task.WhenAll(replies.Select(static reply => reply.ReadAsync())).InTime();

        await service.Model.SetStateAsync(new SampleResource("worker"), "worker", KnownResourceStates.Running);
        var changes = await Task.WhenAll(replies.Select(static reply => reply.ReadAsync())).InTime();

        Assert.All(changes, static change => Assert.Equal("worker", Assert.Single(change!.Changes.Value).Upsert.Name));
        Array.ForEach(replies, static reply => reply.Dispose());
    }

    private static Task PublishAsync(RunningResourceService service, SampleResource resource, int number)
        => service.Model.Notifications.PublishUpdateAsync(resource, snapshot => snapshot with { State = KnownResourceStates.Running, Properties = [Ballast, new ResourcePropertySnapshot("number", number)] });

    private static int Number(ResourceMessage resource) => (int)resource.Properties.Single(static property => property.Name == "number").Value.NumberValue;
}
