using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Telemetry.Metrics;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Aspire.Hosting.Nginx.Telemetry.Sampling;
using Aspire.Hosting.Nginx.Telemetry.Spans;

namespace Aspire.Hosting.Nginx.Telemetry.AccessLog;

/// <summary>Takes the access log on a thread of its own: every request is counted, and those that are kept or failed become spans.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class AccessLogReader(
    AccessLogSocket socket,
    SamplingController sampling,
    RequestMetrics metrics,
    SpanBuilder spans,
    Action<Span> pass,
    TimeProvider timeProvider)
{
    private const int LargestMessage = 64 * 1024;

    /// <summary>An outage must not flood the receiver.</summary>
    private const int FailuresPerSecond = 100;

    /// <summary>To be woken for each request costs nginx and this thread more than to read it, so some are let gather.</summary>
    private static readonly TimeSpan GatheringTime = TimeSpan.FromMilliseconds(8);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    private readonly byte[] _buffer = new byte[LargestMessage];
    private readonly Range[] _fields = new Range[AccessLogFormat.FieldCount];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _failuresSince;
    private int _failures;

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
                var taken = Drain();
                sampling.Tick();
                if (taken > 0)
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

    /// <summary>No more than a round at a time, so that the share of traces is looked at in between.</summary>
    private int Drain()
    {
        const int Round = 256;
        var taken = 0;
        while (taken < Round && socket.TryReceive(_buffer, out var message))
        {
            taken++;
            if (AccessLogEntry.TryRead(message, _fields, out var entry))
            {
                Take(entry);
            }
        }

        return taken;
    }

    private void Take(in AccessLogEntry entry)
    {
        var weight = entry.IsDrawn ? sampling.Weight : 1;
        metrics.Count(entry, weight);
        sampling.Count(weight, entry.IsSampled);
        if (!entry.IsFull || !(entry.IsSampled || MayKeepFailure()))
        {
            return;
        }

        foreach (var span in spans.Build(entry))
        {
            pass(span);
        }
    }

    private bool MayKeepFailure()
    {
        if (timeProvider.GetElapsedTime(_failuresSince).TotalSeconds >= 1)
        {
            (_failuresSince, _failures) = (timeProvider.GetTimestamp(), 0);
        }

        return ++_failures <= FailuresPerSecond;
    }
}
