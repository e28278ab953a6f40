using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Telemetry.Otlp;

namespace Aspire.Hosting.Nginx.Telemetry.ErrorLog;

/// <summary>A line of nginx's error log, taken apart.</summary>
internal sealed partial record ErrorLogLine
{
    /// <summary>nginx could not put a message of its access log into the socket.</summary>
    private const string LostMessage = "send() to syslog failed";

    private const string Client = ", client: ";
    private const string SchemeEnd = "://";
    private const string UnixPrefix = "unix:";

    private ErrorLogLine(DateTimeOffset time, string level, string message, GroupCollection groups)
    {
        (Time, Level, Message) = (time, level, message);
        ProcessId = Number(groups["process"]);
        Connection = Number(groups["connection"]);
    }

    public DateTimeOffset Time { get; }

    /// <summary>As nginx names it, debug to emerg.</summary>
    public string Level { get; }

    /// <summary>What happened, without the request it happened to.</summary>
    public string Message { get; }

    public long? ProcessId { get; }

    public long? Connection { get; }

    /// <summary>The request: client, server, request, upstream, host, referrer, as far as they are known.</summary>
    public IReadOnlyDictionary<string, string> Request { get; private init; } = new Dictionary<string, string>();

    /// <summary>The address of the member it is about, as nginx writes it in the configuration; null when it is about none.</summary>
    public string? Member
    {
        get
        {
            var url = Request.GetValueOrDefault("upstream") ?? "";
            var start = url.IndexOf(SchemeEnd, StringComparison.Ordinal) + SchemeEnd.Length;
            if (start < SchemeEnd.Length)
            {
                return null;
            }

            var end = url.AsSpan(start).StartsWith(UnixPrefix, StringComparison.Ordinal)
                ? url.IndexOf(":/", start + UnixPrefix.Length, StringComparison.Ordinal)
                : url.IndexOf('/', start);
            return end < 0 ? url[start..] : url[start..end];
        }
    }

    /// <summary>Whether it says that the access log lost a request, which is counted rather than told.</summary>
    public bool IsLostMessage => Message.StartsWith(LostMessage, StringComparison.Ordinal);

    /// <summary>Reads a line of nginx's console.</summary>
    /// <param name="line">The line; a time in front of it, as consoles are captured, goes before nginx's own, which has no zone.</param>
    /// <param name="now">The time where there is none in front.</param>
    /// <returns>Null for what is no line of the error log.</returns>
    public static ErrorLogLine? Parse(string line, DateTimeOffset now)
    {
        var match = Pattern().Match(line);
        if (!match.Success)
        {
            return null;
        }

        var time = DateTimeOffset.TryParse(match.Groups["captured"].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var captured) ? captured : now;
        var text = match.Groups["text"].Value;
        var end = text.IndexOf(Client, StringComparison.Ordinal);
        return new(time, match.Groups["level"].Value, end < 0 ? text : text[..end], match.Groups)
        {
            Request = end < 0 ? new Dictionary<string, string>() : Details(text[end..]),
        };
    }

    /// <summary>The line as a log record; the query of a request is left out.</summary>
    public LogRecord ToRecord(DateTimeOffset now)
    {
        var record = new LogRecord
        {
            TimeUnixNano = UnixTime.Nanoseconds(Time),
            ObservedTimeUnixNano = UnixTime.Nanoseconds(now),
            SeverityNumber = SeverityOf(Level),
            SeverityText = Level,
            Body = new() { StringValue = Message },
        };
        var request = (Request.GetValueOrDefault("request") ?? "").Split(' ');
        record.Attributes
            .With("process.pid", ProcessId)
            .With("nginx.connection", Connection)
            .With("client.address", Request.GetValueOrDefault("client"))
            .With("nginx.server", Request.GetValueOrDefault("server"))
            .With("server.address", Request.GetValueOrDefault("host"))
            .With("http.request.method", request[0])
            .With("url.path", request.Length > 1 ? RequestTarget.PathOf(request[1]) : null)
            .With("nginx.upstream.address", WithoutQuery(Request.GetValueOrDefault("upstream")));
        return record;
    }

    private static string? WithoutQuery(string? url) => url?.Split('?')[0];

    private static Dictionary<string, string> Details(string text)
    {
        var details = new Dictionary<string, string>();
        foreach (Match detail in Detail().Matches(text))
        {
            details.TryAdd(detail.Groups["name"].Value, detail.Groups["value"].Value.Trim('"'));
        }

        return details;
    }

    private static long? Number(Group group) => long.TryParse(group.ValueSpan, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>OpenTelemetry's severities: nginx has three kinds of error below the one that ends it.</summary>
    private static int SeverityOf(string level) => level switch
    {
        "debug" => 5,
        "info" => 9,
        "notice" => 10,
        "warn" => 13,
        "error" => 17,
        "crit" => 18,
        "alert" => 19,
        _ => 21,
    };

    [GeneratedRegex(@"^(?:(?<captured>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) )?\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[(?<level>debug|info|notice|warn|error|crit|alert|emerg)\] (?<process>\d+)#\d+: (?:\*(?<connection>\d+) )?(?<text>.*)$", RegexOptions.Singleline)]
    private static partial Regex Pattern();

    [GeneratedRegex("""
        , (?<name>client|server|request|subrequest|upstream|host|referrer): (?<value>"(?:[^"\\]|\\.)*"|[^,"]+)
        """)]
    private static partial Regex Detail();
}

/// <summary>Follows what nginx writes to its console, and passes the lines of its error log on.</summary>
internal sealed class ErrorLogFollower(
    NginxResource nginx,
    ResourceLoggerService logs,
    Action<LogRecord> pass,
    TimeProvider timeProvider)
{
    /// <summary>A log may be completed when nginx stops, and go on when it starts again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private int _lastNumber;
    private long _lost;

    /// <summary>How many requests nginx said it could not log.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await foreach (var lines in logs.WatchAsync(nginx).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                foreach (var line in lines.Where(line => line.LineNumber > _lastNumber))
                {
                    _lastNumber = line.LineNumber;
                    Take(line.Content);
                }
            }

            await Task.Delay(Pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Take(string content)
    {
        var now = timeProvider.GetUtcNow();
        if (ErrorLogLine.Parse(content, now) is not { } line)
        {
            return;
        }

        if (line.IsLostMessage)
        {
            Interlocked.Increment(ref _lost);
        }
        else
        {
            pass(line.ToRecord(now));
        }
    }
}
