using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Keeps the logs of resources: what they write to their console, and what is logged about them.
/// </summary>
/// <remarks>
/// <para>
/// There is one log for each resource instance. It holds the newest 10,000 lines and at most 8 MiB of text, whichever is
/// less; older lines are dropped. A line longer than 65,536 characters is cut.
/// </para>
/// <para>
/// A writer never waits for readers. A reader that falls behind by more than the log holds is told how many lines it
/// missed by a line in their place.
/// </para>
/// <para>
/// A name may be that of an instance or that of the model. The model's name stands for the instances it has at the
/// moment; a reader also follows those that appear later, and gets their lines in the order in which they are read.
/// </para>
/// </remarks>
public class ResourceLoggerService : IDisposable
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffffff";
    private const int TimeLength = 27;

    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ImmutableArray<string>> _instancesByModelName = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, string> _modelNameByInstance = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<ResourceLogReader, bool> _readers = new();
    private readonly ConcurrentDictionary<CoalescingQueue<string, LogSubscriber>, bool> _subscriberWatches = new();
    private readonly CancellationTokenSource _disposing = new();
    private readonly CancellationToken _ending;
    private readonly TimeProvider _timeProvider;
    private int _disposed;

    /// <summary>Initializes the service.</summary>
    public ResourceLoggerService()
        : this(TimeProvider.System)
    {
    }

    internal ResourceLoggerService(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _ending = _disposing.Token;
    }

    /// <summary>Gets a logger that writes to the log of a resource: to that of its group where it has one, otherwise to those of all its instances.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The logger.</returns>
    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Learn(resource);

        return GetLogger(resource.Name);
    }

    /// <summary>Gets a logger that writes to the log of an instance.</summary>
    /// <param name="resourceName">The instance, or the model name of a resource.</param>
    /// <returns>The logger.</returns>
    public ILogger GetLogger(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);

        return new ResourceLogger(this, resourceName);
    }

    /// <summary>Reads the lines a resource's logs hold now.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The lines, in batches.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Learn(resource);

        return GetAllAsync(resource.Name);
    }

    /// <summary>Reads the lines a log holds now.</summary>
    /// <param name="resourceName">The instance, or the model name of a resource.</param>
    /// <returns>The lines, in batches; none where nothing has been logged.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);

        return ReadAll(GetSources(resourceName)).ToAsyncEnumerable();
    }

    /// <summary>Reads the lines a resource's logs hold now, and follows them.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The lines, in batches; they end when the logs are completed or the service is disposed.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Learn(resource);

        return WatchAsync(resource.Name);
    }

    /// <summary>Reads the lines a log holds now, and follows it.</summary>
    /// <param name="resourceName">The instance, or the model name of a resource. Nothing need have been logged yet.</param>
    /// <returns>The lines, in batches; they end when the log is completed or the service is disposed.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);

        return FollowAsync(() => GetSources(resourceName));
    }

    /// <summary>Follows whether anybody reads the logs.</summary>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The logs that are read now, then every change. A reader that is slow gets only the newest of several changes of one log.</returns>
    public async IAsyncEnumerable<LogSubscriber> WatchAnySubscribersAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var queue = new CoalescingQueue<string, LogSubscriber>(StringComparer.OrdinalIgnoreCase, static (_, newer) => newer);
        _subscriberWatches.TryAdd(queue, true);
        try
        {
            foreach (var log in _logs.Values.Where(static log => log.HasReaders))
            {
                queue.Offer(log.Name, new LogSubscriber(log.Name, AnySubscribers: true));
            }

            if (_ending.IsCancellationRequested)
            {
                queue.Complete();
            }

            while (await queue.WaitToTakeAsync(cancellationToken).ConfigureAwait(false))
            {
                while (queue.TryTake(out var change))
                {
                    yield return change;
                }
            }
        }
        finally
        {
            _subscriberWatches.TryRemove(queue, out _);
        }
    }

    /// <summary>Completes the logs of a resource: those who follow them come to an end.</summary>
    /// <param name="resource">The resource.</param>
    public void Complete(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Learn(resource);
        Complete(resource.Name);
    }

    /// <summary>Completes a log: those who follow it come to an end. A line logged later opens it again for others.</summary>
    /// <param name="name">The instance, or the model name of a resource.</param>
    public void Complete(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var log in GetSources(name))
        {
            log.Complete();
        }
    }

    /// <summary>Drops the lines a log holds. Line numbers go on.</summary>
    /// <param name="resourceName">The instance, or the model name of a resource.</param>
    public void ClearBacklog(string resourceName)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        foreach (var log in GetSources(resourceName))
        {
            log.Clear();
        }
    }

    /// <summary>Ends all watches.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _disposing.Cancel();
            foreach (var watch in _subscriberWatches.Keys)
            {
                watch.Complete();
            }

            _disposing.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Adds a line that an instance wrote. Never waits.</summary>
    /// <param name="resourceId">The instance.</param>
    /// <param name="timestampUtc">When it was written, in UTC.</param>
    /// <param name="text">The line without its end.</param>
    /// <param name="isError">Whether it was written to standard error.</param>
    internal void Append(string resourceId, DateTime timestampUtc, string text, bool isError)
        => GetLog(resourceId).Append(Format(timestampUtc, text), isError);

    /// <summary>Adds a line that is about a resource, to the logs its name stands for.</summary>
    internal void Write(string name, string text, bool isError)
    {
        var content = Format(_timeProvider.GetUtcNow().UtcDateTime, text);
        foreach (var id in GetTargets(name))
        {
            GetLog(id).Append(content, isError);
        }
    }

    /// <summary>Makes known that a model name stands for an instance.</summary>
    internal void AddInstance(string modelName, string id)
    {
        if (!_modelNameByInstance.TryAdd(id, modelName))
        {
            return;
        }

        _instancesByModelName.AddOrUpdate(modelName, [id], (_, ids) => ids.Add(id));
        foreach (var reader in _readers.Keys)
        {
            reader.Signal.Set();
        }
    }

    /// <summary>Reads the log of one row: for a group's row, what was logged about the group, without what its replicas wrote.</summary>
    /// <param name="id">The row.</param>
    /// <param name="follow">Whether to go on with what is logged from now on.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal IAsyncEnumerable<IReadOnlyList<LogLine>> WatchRowAsync(string id, bool follow, CancellationToken cancellationToken)
        => follow ? FollowAsync(() => GetRowSources(id), cancellationToken) : ReadAll(GetRowSources(id)).ToAsyncEnumerable();

    /// <summary>Gets the logs that a reader of a name reads.</summary>
    internal IReadOnlyList<ResourceLog> GetSources(string name)
    {
        var modelName = _modelNameByInstance.GetValueOrDefault(name, name);
        var ids = _instancesByModelName.GetValueOrDefault(modelName, []);
        var readsAll = modelName.Equals(name, StringComparison.OrdinalIgnoreCase) || ids.Length == 1;
        if (!readsAll)
        {
            return [GetLog(name)];
        }

        // What was logged by model name before the instances were known belongs to the resource as well.
        IEnumerable<string> names = ids.Contains(modelName, StringComparer.OrdinalIgnoreCase) || (!ids.IsEmpty && !_logs.ContainsKey(modelName))
            ? ids
            : [modelName, .. ids];
        return [.. names.Select(GetLog)];
    }

    internal IReadOnlyList<LogLine> Read(ResourceLog log, ResourceLogReader.Position position, int maximum)
    {
        var (lines, first, dropped) = log.Read(position.LastNumber ?? 0, maximum);
        if (lines.Length == 0)
        {
            return lines;
        }

        var missed = position.LastNumber is not null && dropped > 0;
        position.LastNumber = first + lines.Length - 1;
        return missed ? [MissedLines(first - 1, dropped), .. lines] : lines;
    }

    internal void AddReader(ResourceLog log, AsyncSignal signal)
    {
        if (log.AddReader(signal))
        {
            Announce(log);
        }
    }

    internal void RemoveReader(ResourceLog log, AsyncSignal signal)
    {
        if (log.RemoveReader(signal))
        {
            Announce(log);
        }
    }

    private static IEnumerable<IReadOnlyList<LogLine>> ReadAll(IReadOnlyList<ResourceLog> logs)
        => logs.Select(static log => (IReadOnlyList<LogLine>)log.Read(after: 0, ResourceLog.MaximumLines).Lines).Where(static lines => lines.Count > 0);

    /// <summary>A name that stands for several rows is that of their group.</summary>
    private IReadOnlyList<ResourceLog> GetRowSources(string id)
        => _instancesByModelName.GetValueOrDefault(id, []).Length > 1 ? [GetLog(id)] : GetSources(id);

    private static string Format(DateTime timestampUtc, string text)
    {
        var cut = text.Length - ResourceLog.MaximumLineLength;
        var kept = cut > 0 ? $"{text.AsSpan(0, ResourceLog.MaximumLineLength)}… [{cut} characters cut]" : text;
        return string.Create(TimeLength + 2 + kept.Length, (timestampUtc, kept), static (span, state) =>
        {
            state.timestampUtc.TryFormat(span, out var written, TimeFormat, CultureInfo.InvariantCulture);
            span[written] = 'Z';
            span[written + 1] = ' ';
            state.kept.CopyTo(span[(written + 2)..]);
        });
    }

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> FollowAsync(Func<IReadOnlyList<ResourceLog>> getSources, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reader = new ResourceLogReader(this, getSources);
        _readers.TryAdd(reader, true);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending);
        var batches = reader.FollowAsync(ending.Token).GetAsyncEnumerator(CancellationToken.None);
        try
        {
            while (await MoveNextAsync(batches, cancellationToken).ConfigureAwait(false))
            {
                yield return batches.Current;
            }
        }
        finally
        {
            _readers.TryRemove(reader, out _);
            await batches.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends without an error when it is the service, not the reader, that wants the end.</summary>
    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<IReadOnlyList<LogLine>> batches, CancellationToken cancellationToken)
    {
        try
        {
            return await batches.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Learn(IResource resource)
    {
        foreach (var id in resource.Annotations.OfType<ResourceInstancesAnnotation>().SelectMany(static annotation => annotation.Ids))
        {
            AddInstance(resource.Name, id);
        }
    }

    private ImmutableArray<string> GetTargets(string name)
    {
        var ids = _instancesByModelName.GetValueOrDefault(name, []);
        return ids.IsEmpty || ids.Contains(name, StringComparer.OrdinalIgnoreCase) ? [name] : ids;
    }

    private ResourceLog GetLog(string id) => _logs.GetOrAdd(id, static name => new ResourceLog(name));

    private LogLine MissedLines(long number, long dropped) => new(
        ResourceLog.LineNumber(number),
        Format(_timeProvider.GetUtcNow().UtcDateTime, $"[{dropped} lines are missing here: they were dropped before they could be read]"),
        IsErrorMessage: false);

    private void Announce(ResourceLog log)
    {
        foreach (var watch in _subscriberWatches.Keys)
        {
            watch.Offer(log.Name, new LogSubscriber(log.Name, log.HasReaders));
        }
    }
}
