using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Cli.Auxiliary.Messages;

namespace Aspire.Hosting.Cli.Auxiliary;

/// <summary>
/// Reads consoles for one client. Who reads the last lines and then follows, as <c>aspire logs --follow --tail</c> does with two calls,
/// goes on where the first one ended: no line comes twice, and none is missed.
/// </summary>
internal sealed class ConsoleLogs(DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService logs, TimeProvider time)
{
    /// <summary>The most lines in one piece.</summary>
    public const int MaximumLines = 256;

    /// <summary>The most text in one piece: a line may be of 64 Ki characters.</summary>
    public const int MaximumCharacters = 512 * 1024;

    private const int WaitingBatches = 4;

    // A line begins with its time, which is always as long.
    private const int TimeLength = 28;

    // At thousands of lines a second, a message for each of them would cost more than the lines.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, int>> _read = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads lines: those there are, in the order of their times, or those and all that come.</summary>
    public IAsyncEnumerable<ConsoleLogBatch> ReadAsync(ConsoleLogsRequest request, CancellationToken cancellationToken = default) =>
        request.Follow ? FollowAsync(request, cancellationToken) : ReadNowAsync(request, cancellationToken);

    /// <summary>The same line by line.</summary>
    public async IAsyncEnumerable<ConsoleLogLine> ReadLinesAsync(ConsoleLogsRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var batch in ReadAsync(request, cancellationToken).ConfigureAwait(false))
        {
            foreach (var line in batch.Lines)
            {
                yield return line;
            }
        }
    }

    private async IAsyncEnumerable<ConsoleLogBatch> ReadNowAsync(ConsoleLogsRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = new List<ConsoleLogLine>();
        var lastNumbers = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var id in RowsOf(request))
        {
            await foreach (var batch in logs.WatchRowAsync(id, follow: false, cancellationToken).ConfigureAwait(false))
            {
                lines.AddRange(batch.Select(line => ToMessage(id, line)));
                lastNumbers[id] = batch[^1].LineNumber;
            }
        }

        _read[request.ResourceName ?? string.Empty] = lastNumbers;
        var sorted = lines.OrderBy(static line => line.Content[..Math.Min(TimeLength, line.Content.Length)], StringComparer.Ordinal);

        // What a client searches for it picks itself, and the last of those lines.
        var wanted = request is { Search: null or "", Tail: { } tail } ? sorted.TakeLast(Math.Max(0, tail)) : sorted;
        foreach (var batch in Split(wanted))
        {
            yield return batch;
        }
    }

    private async IAsyncEnumerable<ConsoleLogBatch> FollowAsync(ConsoleLogsRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!IsKnown(request.ResourceName))
        {
            yield break;
        }

        var batches = Channel.CreateBounded<ConsoleLogBatch>(WaitingBatches);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = FollowRowsAsync(request, batches.Writer, ending.Token);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(false);
        }
    }

    /// <summary>Follows the rows there are and those that come.</summary>
    private async Task FollowRowsAsync(ConsoleLogsRequest request, ChannelWriter<ConsoleLogBatch> batches, CancellationToken cancellationToken)
    {
        var readers = new Dictionary<string, Task>(StringComparer.OrdinalIgnoreCase);
        try
        {
            var read = _read.GetValueOrDefault(request.ResourceName ?? string.Empty);
            await foreach (var row in notifications.WatchAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!readers.ContainsKey(row.ResourceId) && IsWanted(row, request))
                {
                    readers.Add(row.ResourceId, FollowRowAsync(row.ResourceId, read?.GetValueOrDefault(row.ResourceId) ?? 0, batches, cancellationToken));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client has had enough.
        }
        finally
        {
            await Task.WhenAll(readers.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            batches.Complete();
        }
    }

    private async Task FollowRowAsync(string id, int lastNumber, ChannelWriter<ConsoleLogBatch> batches, CancellationToken cancellationToken)
    {
        await foreach (var lines in logs.WatchRowAsync(id, follow: true, cancellationToken).ConfigureAwait(false))
        {
            foreach (var batch in Split(lines.Where(line => line.LineNumber > lastNumber).Select(line => ToMessage(id, line))))
            {
                await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            if (lines.Count < ResourceLogReader.MaximumBatch)
            {
                await Task.Delay(Gathering, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private IEnumerable<string> RowsOf(ConsoleLogsRequest request) => model.Resources
        .SelectMany(resource => notifications.GetRows(resource.Name))
        .Select(static row => row.Last?.Event)
        .OfType<ResourceEvent>()
        .Where(row => IsWanted(row, request))
        .Select(static row => row.ResourceId);

    /// <summary>A resource that has no row yet will have one.</summary>
    private bool IsKnown(string? name) =>
        name is null || model.Resources.TryGetByName(name, out _) || notifications.TryGetCurrentState(name, out _);

    private static bool IsWanted(ResourceEvent row, ConsoleLogsRequest request) => request.ResourceName is { } name
        ? name.Equals(row.ResourceId, StringComparison.OrdinalIgnoreCase) || name.Equals(row.Resource.Name, StringComparison.OrdinalIgnoreCase)
        : request.IncludeHidden || !row.Snapshot.IsHidden;

    private static ConsoleLogLine ToMessage(string id, LogLine line) => new(id, line.LineNumber, line.Content, line.IsErrorMessage);

    private static IEnumerable<ConsoleLogBatch> Split(IEnumerable<ConsoleLogLine> lines)
    {
        var batch = new List<ConsoleLogLine>();
        var characters = 0;
        foreach (var line in lines)
        {
            if (batch.Count == MaximumLines || (batch.Count > 0 && characters + line.Content.Length > MaximumCharacters))
            {
                yield return new ConsoleLogBatch([.. batch]);
                batch.Clear();
                characters = 0;
            }

            batch.Add(line);
            characters += line.Content.Length;
        }

        if (batch.Count > 0)
        {
            yield return new ConsoleLogBatch([.. batch]);
        }
    }
}
