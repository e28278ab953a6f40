using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.Otlp;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>
/// Reads the access log on a thread of its own: each logged request is counted, and those that are sampled, failed or slow become spans.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class AccessLogReader(
    AccessLogSocket socket,
    RequestMetrics metrics,
    SpanBuilder spans,
    Action<Span> send,
    NginxTelemetry settings,
    TimeProvider timeProvider,
    ShadowComparer? shadows = null)
{
    private const int LargestMessage = 64 * 1024;

    /// <summary>Spans a second of requests that are not sampled: an outage must not flood the receiver.</summary>
    private const int UnsampledPerSecond = 100;

    /// <summary>To be woken for each request costs nginx and this thread more than to read it, so some are let gather.</summary>
    private static readonly TimeSpan GatheringTime = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    private readonly byte[] _buffer = new byte[LargestMessage];
    private readonly Range[] _fields = new Range[AccessLogEntry.FieldCount];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _secondStart = timeProvider.GetTimestamp();
    private int _unsampled;

    /// <summary>Reads until cancelled, and then what is there still.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The socket gives no more.</exception>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        new Thread(() => Run(cancellationToken)) { IsBackground = true, Name = "nginx access log" }.Start();
        return _ended.Task;
    }

    private void Run(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (Drain())
                {
                    cancellationToken.WaitHandle.WaitOne(GatheringTime);
                }
                else
                {
                    socket.Wait(LongestWait);
                }
            }

            Drain();
            _ended.SetResult();
        }
        catch (Exception exception)
        {
            _ended.SetException(exception);
        }
    }

    /// <returns>Whether there was a message.</returns>
    private bool Drain()
    {
        var any = false;
        while (socket.TryReceive(_buffer, out var message))
        {
            any = true;
            if (AccessLogEntry.TryRead(message, _fields, out var entry))
            {
                Read(entry);
            }
            else
            {
                shadows?.Read(message);
            }
        }

        return any;
    }

    private void Read(in AccessLogEntry entry)
    {
        metrics.Add(entry);
        if (entry.IsSampled || (IsNotable(entry) && MayHaveSpan()))
        {
            foreach (var span in spans.Build(entry))
            {
                send(span);
            }
        }
    }

    private bool IsNotable(in AccessLogEntry entry) =>
        entry.HasFailed || entry.Milliseconds(AccessLogField.RequestTime) >= settings.SlowRequest.TotalMilliseconds;

    private bool MayHaveSpan()
    {
        if (timeProvider.GetElapsedTime(_secondStart).TotalSeconds >= 1)
        {
            (_secondStart, _unsampled) = (timeProvider.GetTimestamp(), 0);
        }

        return ++_unsampled <= UnsampledPerSecond;
    }
}
