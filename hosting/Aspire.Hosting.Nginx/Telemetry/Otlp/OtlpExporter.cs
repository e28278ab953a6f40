using Google.Protobuf;
using Google.Protobuf.Collections;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

/// <summary>Sends spans and log records every second and metrics at their own interval, for as long as the receiver takes them.</summary>
internal sealed class OtlpExporter(OtlpClient client, Func<CancellationToken, Task<IReadOnlyList<Metric>>> readMetrics, TimeSpan metricsInterval, ILogger logger, TimeProvider timeProvider)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private volatile TaskCompletionSource _hurry = new();
    private OtlpTarget? _target;
    private TimeSpan _pause = Interval;
    private long? _metricsSent;
    private bool _isFailing;
    private bool _wasRejected;

    public OtlpQueue<Span> Spans { get; } = new(OtlpSignal.Traces, OtlpMessages.Of);

    public OtlpQueue<LogRecord> Logs { get; } = new(OtlpSignal.Logs, OtlpMessages.Of);

    /// <summary>Where it goes; until it is known, everything waits.</summary>
    public OtlpTarget? Target
    {
        get => Volatile.Read(ref _target);
        set
        {
            Volatile.Write(ref _target, value);
            _wasRejected = false;
        }
    }

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.WhenAny(Task.Delay(_pause, timeProvider, cancellationToken), _hurry.Task).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            await SendAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Has all there is sent at once, metrics too.</summary>
    public void Hurry()
    {
        _metricsSent = null;
        _hurry.TrySetResult();
    }

    /// <summary>Sends all there is once more, when nothing sends any longer.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        _metricsSent = null;
        return SendAsync(cancellationToken);
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        _hurry = new();
        if (Target is { } target)
        {
            Report(target, await SendAsync(target, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>All three, as long as the receiver is there: what it says to one kind says nothing about the next.</summary>
    private async Task<OtlpDelivery> SendAsync(OtlpTarget target, CancellationToken cancellationToken)
    {
        var result = await Spans.SendAsync(client, target, cancellationToken).ConfigureAwait(false);
        if (result.Outcome != OtlpOutcome.TryAgain)
        {
            result = Worse(result, await Logs.SendAsync(client, target, cancellationToken).ConfigureAwait(false));
        }

        if (result.Outcome == OtlpOutcome.TryAgain || (_metricsSent is { } sent && timeProvider.GetElapsedTime(sent) < metricsInterval))
        {
            return result;
        }

        // Metrics are sums since the start: one that is lost is made good by the next.
        _metricsSent = timeProvider.GetTimestamp();
        var metrics = await readMetrics(cancellationToken).ConfigureAwait(false);
        return Worse(result, await client.SendAsync(target, OtlpSignal.Metrics, OtlpMessages.Of(target.Source, metrics), cancellationToken).ConfigureAwait(false));
    }

    private static OtlpDelivery Worse(OtlpDelivery one, OtlpDelivery other) => other.Outcome > one.Outcome ? other : one;

    private void Report(OtlpTarget target, OtlpDelivery delivery)
    {
        var isAway = delivery.Outcome == OtlpOutcome.TryAgain;
        _pause = isAway ? TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks)) : Interval;
        if (isAway && !_isFailing)
        {
            Log.NotDelivered(logger, target.Endpoint, delivery.Problem!);
        }
        else if (!isAway && _isFailing)
        {
            Log.DeliveredAgain(logger, Spans.Dropped, Logs.Dropped);
        }

        _isFailing = isAway;
        if (delivery.Outcome == OtlpOutcome.Rejected && !_wasRejected)
        {
            _wasRejected = true;
            Log.Rejected(logger, target.Endpoint, delivery.Problem!);
        }
    }
}

/// <summary>Puts telemetry into the messages receivers take.</summary>
internal static class OtlpMessages
{
    private static readonly Scope Scope = new() { Name = "Aspire.Hosting.Nginx" };

    public static IMessage Of(Source source, IReadOnlyList<Span> spans) =>
        new ExportTraces { ResourceSpans = { new SourceSpans { Resource = source, ScopeSpans = { new ScopeSpans { Scope = Scope, Spans = { spans } } } } } };

    public static IMessage Of(Source source, IReadOnlyList<LogRecord> records) =>
        new ExportLogs { ResourceLogs = { new SourceLogs { Resource = source, ScopeLogs = { new ScopeLogs { Scope = Scope, LogRecords = { records } } } } } };

    public static IMessage Of(Source source, IReadOnlyList<Metric> metrics) =>
        new ExportMetrics { ResourceMetrics = { new SourceMetrics { Resource = source, ScopeMetrics = { new ScopeMetrics { Scope = Scope, Metrics = { metrics } } } } } };
}

/// <summary>Adds attributes; what is not known is left out.</summary>
internal static class OtlpAttributes
{
    public static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            attributes.Add(new KeyValue { Key = key, Value = new() { StringValue = value } });
        }

        return attributes;
    }

    public static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, long? value)
    {
        if (value is { } number)
        {
            attributes.Add(new KeyValue { Key = key, Value = new() { IntValue = number } });
        }

        return attributes;
    }

    public static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, double? value)
    {
        if (value is { } number)
        {
            attributes.Add(new KeyValue { Key = key, Value = new() { DoubleValue = number } });
        }

        return attributes;
    }
}

/// <summary>Holds what waits to be sent: the newest items, as many as there is room for. Whoever adds one never waits.</summary>
/// <param name="signal">The kind of telemetry.</param>
/// <param name="toMessage">Puts items into one message.</param>
internal sealed class OtlpQueue<T>(OtlpSignal signal, Func<Source, IReadOnlyList<T>, IMessage> toMessage)
{
    public const int Room = 4096;
    private const int BatchSize = 512;

    private readonly Queue<T> _items = new();
    private readonly Lock _lock = new();
    private List<T> _batch = [];
    private long _dropped;

    /// <summary>How many items found no room since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Add(T item)
    {
        lock (_lock)
        {
            if (_items.Count == Room)
            {
                _items.Dequeue();
                Interlocked.Increment(ref _dropped);
            }

            _items.Enqueue(item);
        }
    }

    /// <summary>Sends until nothing is left, or until the receiver does not take it; then the batch is kept for the next time.</summary>
    public async Task<OtlpDelivery> SendAsync(OtlpClient client, OtlpTarget target, CancellationToken cancellationToken)
    {
        var last = new OtlpDelivery(OtlpOutcome.Accepted);
        while (TakeBatch())
        {
            last = await client.SendAsync(target, signal, toMessage(target.Source, _batch), cancellationToken).ConfigureAwait(false);
            if (last.Outcome == OtlpOutcome.TryAgain)
            {
                return last;
            }

            _batch = [];
            if (last.Outcome == OtlpOutcome.Rejected)
            {
                return last;
            }
        }

        return last;
    }

    private bool TakeBatch()
    {
        lock (_lock)
        {
            while (_batch.Count < BatchSize && _items.TryDequeue(out var item))
            {
                _batch.Add(item);
            }

            return _batch.Count > 0;
        }
    }
}
