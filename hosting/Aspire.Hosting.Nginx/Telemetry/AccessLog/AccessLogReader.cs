using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
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

/// <summary>Values as nginx writes them into a JSON string.</summary>
internal static class AccessLogText
{
    private static ReadOnlySpan<byte> Comma => ", "u8;

    private static ReadOnlySpan<byte> Colon => " : "u8;

    /// <summary>The text of a value. Bytes that are no UTF-8, which a client may send, become U+FFFD.</summary>
    public static string Decode(ReadOnlySpan<byte> value)
    {
        if (!value.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(value);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(value.Length);
        try
        {
            return Encoding.UTF8.GetString(buffer.AsSpan(0, Unescape(value, buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Seconds with three decimals, as whole milliseconds; null for the hyphen that stands for none.</summary>
    public static long? Milliseconds(ReadOnlySpan<byte> seconds)
    {
        var point = seconds.IndexOf((byte)'.');
        return point > 0
            && seconds.Length == point + 4
            && Utf8Parser.TryParse(seconds[..point], out long whole, out var used)
            && used == point
            && Utf8Parser.TryParse(seconds[(point + 1)..], out uint rest, out var usedOfRest)
            && usedOfRest == 3
                ? (whole * 1000) + rest
                : null;
    }

    /// <summary>A whole number, or 0.</summary>
    public static int Number(ReadOnlySpan<byte> digits) => Utf8Parser.TryParse(digits, out int number, out var used) && used == digits.Length ? number : 0;

    /// <summary>
    /// Takes the next value of a list that has one for each attempt, separated by commas, and by a colon where an internal
    /// redirect began another series.
    /// </summary>
    public static ReadOnlySpan<byte> TakeFirst(ref ReadOnlySpan<byte> list)
    {
        var comma = list.IndexOf(Comma);
        var colon = list.IndexOf(Colon);
        var (end, separator) = colon >= 0 && (comma < 0 || colon < comma) ? (colon, Colon.Length) : (comma, Comma.Length);
        var first = end < 0 ? list : list[..end];
        list = end < 0 ? [] : list[(end + separator)..];
        return first;
    }

    private static int Unescape(ReadOnlySpan<byte> value, Span<byte> target)
    {
        var written = 0;
        while (!value.IsEmpty)
        {
            var (character, used) = value[0] == '\\' && value.Length > 1 ? Escaped(value) : (value[0], 1);
            target[written++] = character;
            value = value[used..];
        }

        return written;
    }

    private static (byte Character, int Used) Escaped(ReadOnlySpan<byte> value) => (char)value[1] switch
    {
        'n' => ((byte)'\n', 2),
        'r' => ((byte)'\r', 2),
        't' => ((byte)'\t', 2),
        'b' => ((byte)'\b', 2),
        'f' => ((byte)'\f', 2),
        'u' when value.Length >= 6 && byte.TryParse(value[4..6], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var character) => (character, 6),
        _ => (value[1], 2),
    };
}
