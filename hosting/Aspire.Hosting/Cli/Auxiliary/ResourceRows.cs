using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Cli.Auxiliary.Conversion;
using Aspire.Hosting.Cli.Auxiliary.Messages;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Cli.Auxiliary;

/// <summary>The rows that the CLI describes: a group's before those of its replicas, in the order of the model.</summary>
internal sealed class ResourceRows
{
    // A start makes a handful of changes in a row.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    private readonly DistributedApplicationModel _model;
    private readonly ResourceNotificationService _notifications;
    private readonly TimeProvider _time;
    private readonly SecretValues _secrets;
    private readonly RowConverter<ResourceSnapshot> _json;
    private readonly RowConverter<ResourceSnapshot> _text;

    public ResourceRows(DistributedApplicationModel model, ResourceNotificationService notifications, SecretValues secrets, TimeProvider time, ILogger logger)
    {
        _model = model;
        _notifications = notifications;
        _time = time;
        _secrets = secrets;
        _json = new RowConverter<ResourceSnapshot>(row => SnapshotConversion.ToMessage(row, secrets, takesJson: true), "CLI", logger);
        _text = new RowConverter<ResourceSnapshot>(row => SnapshotConversion.ToMessage(row, secrets, takesJson: false), "CLI", logger);
    }

    /// <summary>The rows as they are now.</summary>
    public ResourceSnapshot[] Get(ResourcesRequest request)
    {
        ResourceEvent[] rows = [.. _model.Resources.SelectMany(resource => _notifications.GetRows(resource.Name)).Select(static row => row.Last?.Event).OfType<ResourceEvent>()];
        return [.. Convert(rows, request)];
    }

    /// <summary>The rows as they are now, and then what changes; of a row that changes faster than the client reads, the newest.</summary>
    public async IAsyncEnumerable<ResourceSnapshot> WatchAsync(ResourcesRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var rows in _notifications.WatchBatchesAsync(Gathering, _time, cancellationToken).ConfigureAwait(false))
        {
            foreach (var row in Convert(rows, request))
            {
                yield return row;
            }
        }
    }

    private IEnumerable<ResourceSnapshot> Convert(IReadOnlyList<ResourceEvent> rows, ResourcesRequest request)
    {
        // One row may show in its environment what another one calls a secret.
        foreach (var row in rows)
        {
            _secrets.Learn(row.Snapshot);
        }

        var converter = request.ClientCapabilities?.Contains(AuxiliaryMethods.JsonCapability) == true ? _json : _text;
        return rows
            .Where(row => string.IsNullOrEmpty(request.Filter) || row.ResourceId.Contains(request.Filter, StringComparison.OrdinalIgnoreCase))
            .Select(converter.Convert)
            .OfType<ResourceSnapshot>();
    }
}
