using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using Aspire.Hosting.Nginx.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>Compares the answers of routes with those of their shadows, which come as two messages with one id.</summary>
/// <remarks>It is called by one thread.</remarks>
internal sealed class ShadowComparer
{
    /// <summary>Answers that wait for their counterpart; of more, the oldest is given up.</summary>
    private const int MostWaiting = 10_000;

    /// <summary>Logged differences a minute: a shadow that is all wrong must not flood the log.</summary>
    private const int LoggedPerMinute = 60;

    /// <summary>How much longer than the shadow may take an answer waits for its counterpart.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Answer> _waiting = new(StringComparer.Ordinal);
    private readonly Queue<(long Since, string Id)> _order = new();
    private readonly ImmutableArray<NginxRoute> _routes;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _durations;
    private readonly TimeSpan _longest;
    private long _minuteStart;
    private int _logged;

    /// <param name="routes">The routes, to which the messages refer by their numbers.</param>
    /// <param name="meter">The package's meter.</param>
    /// <param name="logger">Learns of differences.</param>
    /// <param name="timeProvider">The clock.</param>
    public ShadowComparer(ImmutableArray<NginxRoute> routes, Meter meter, ILogger logger, TimeProvider timeProvider)
    {
        (_routes, _logger, _timeProvider) = (routes, logger, timeProvider);
        _minuteStart = timeProvider.GetTimestamp();
        _longest = routes.Select(static route => route.Shadow?.Options.Timeout ?? TimeSpan.Zero).DefaultIfEmpty().Max() + Patience;
        _requests = meter.CreateCounter<long>(
            "nginx.shadow.requests",
            "{request}",
            "Requests that were copied to a shadow, by what its answer was: same, status, length, timeout, refused, failed or lost.");
        _durations = meter.CreateHistogram<double>(
            "nginx.shadow.duration",
            "s",
            "How long the headers of the answers took, by target.");
    }

    /// <summary>Reads a message; what is none of a shadow is ignored.</summary>
    public void Read(ReadOnlySpan<byte> message)
    {
        GiveUpOld();
        if (Answer.Read(message) is not { } answer)
        {
            return;
        }

        if (!_waiting.Remove(answer.Id, out var other))
        {
            _waiting[answer.Id] = answer;
            _order.Enqueue((_timeProvider.GetTimestamp(), answer.Id));
        }
        else if (answer.IsMain != other.IsMain)
        {
            var (main, copy) = answer.IsMain ? (answer, other) : (other, answer);
            Compare(main, copy);
        }
    }

    private void GiveUpOld()
    {
        while (_order.TryPeek(out var first)
            && (_timeProvider.GetElapsedTime(first.Since) > _longest || _order.Count > MostWaiting))
        {
            _order.Dequeue();
            if (_waiting.Remove(first.Id, out var answer) && RouteOf(answer) is { } route)
            {
                Count(route, "lost");
            }
        }
    }

    private void Compare(Answer main, Answer copy)
    {
        // 499: the client did not wait for the answer.
        if (main.Status == 499 || RouteOf(main) is not { Shadow: { } shadow } route)
        {
            return;
        }

        var result = ResultOf(main, copy);
        Count(route, result);
        Record(route, route.Upstream!, main.Milliseconds);
        Record(route, shadow.Upstream, copy.Milliseconds);
        if (result is not "same" && MayLog())
        {
            Log.ShadowDiffers(
                _logger, main.Method, main.Path, route.Upstream!, main.Description, shadow.Upstream, copy.Description);
        }
    }

    private static string ResultOf(Answer main, Answer copy) => copy switch
    {
        { Milliseconds: null, Status: 503 } => "refused",
        { Milliseconds: null, Status: 504 } => "timeout",
        { Milliseconds: null } => "failed",
        _ when copy.Status != main.Status => "status",
        { Length: { } length } when main.Length is { } other && length != other => "length",
        _ => "same",
    };

    private void Count(NginxRoute route, string result) =>
        _requests.Add(1, new TagList { { "http.route", route.Path }, { "nginx.shadow.result", result } });

    private void Record(NginxRoute route, string target, long? milliseconds)
    {
        if (milliseconds is { } time)
        {
            _durations.Record(time / 1000.0, new TagList { { "http.route", route.Path }, { "nginx.upstream.name", target } });
        }
    }

    private bool MayLog()
    {
        if (_timeProvider.GetElapsedTime(_minuteStart).TotalMinutes >= 1)
        {
            (_minuteStart, _logged) = (_timeProvider.GetTimestamp(), 0);
        }

        return ++_logged <= LoggedPerMinute;
    }

    private NginxRoute? RouteOf(Answer answer) =>
        answer.Route is > 0 and var number && number <= _routes.Length ? _routes[number - 1] : null;

    /// <summary>The answer of a route's own target, or of its shadow.</summary>
    private sealed record Answer(
        bool IsMain, string Id, int Route, int Status, long? Milliseconds, long? Length, string Method, string Path)
    {
        public string Description => string.Create(
            CultureInfo.InvariantCulture,
            $"{Status}{(Length is { } length ? $", {length} bytes" : "")}{(Milliseconds is { } time ? $", {time} ms" : ", no answer")}");

        public static Answer? Read(ReadOnlySpan<byte> message)
        {
            try
            {
                var reader = new Utf8JsonReader(message);
                using var document = JsonDocument.ParseValue(ref reader);
                string Text(string name) => document.RootElement.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
                return Text("side") is { Length: > 0 } side && Text("id") is { Length: > 0 } id
                    ? new(
                        side == "main",
                        id,
                        (int)(Whole(Text("route")) ?? 0),
                        (int)(Whole(Text("answer")) ?? 0),
                        AccessLogText.Milliseconds(System.Text.Encoding.ASCII.GetBytes(Text("time").Split(", ")[^1].Split(" : ")[^1])),
                        Whole(Text("length")),
                        Text("method"),
                        Text("path"))
                    : null;
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                return null;
            }
        }

        private static long? Whole(string digits) =>
            long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
