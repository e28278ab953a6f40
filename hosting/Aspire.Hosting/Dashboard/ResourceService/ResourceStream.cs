using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Aspire.Hosting.Grpc;
using Resource = Aspire.Hosting.Dashboard.ResourceService.Protocol.Resource;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>
/// Sends all rows, and then what changes of them. For a peer that is slow, one change a row is kept: the newest.
/// </summary>
internal sealed class ResourceStream(ResourceNotificationService notifications, RowConverter<Resource> converter, TimeProvider time)
{
    // A start makes a handful of changes in a row; the dashboard itself gathers for 100 ms before it draws.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    /// <exception cref="GrpcException">The application has ended: a stream that ends well is asked for again at once.</exception>
    public async Task SendAsync(GrpcMessageWriter<WatchResourcesUpdate> writer, CancellationToken cancellationToken)
    {
        var isFirst = true;
        await foreach (var rows in notifications.WatchBatchesAsync(Gathering, time, cancellationToken).ConfigureAwait(false))
        {
            var resources = rows.Select(converter.Convert).OfType<Resource>();
            var update = isFirst ? Initial(resources) : Changes(resources);
            isFirst = false;
            await writer.WriteAsync(update, cancellationToken).ConfigureAwait(false);
        }

        throw new GrpcException(GrpcStatusCode.Unavailable, "The application is stopping.");
    }

    private static WatchResourcesUpdate Initial(IEnumerable<Resource> resources)
        => new() { InitialData = new InitialResourceData { Resources = { resources } } };

    private static WatchResourcesUpdate Changes(IEnumerable<Resource> resources)
        => new() { Changes = new WatchResourcesChanges { Value = { resources.Select(static resource => new WatchResourcesChange { Upsert = resource }) } } };
}
