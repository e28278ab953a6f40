using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>A line of nginx's error log, taken apart.</summary>
internal sealed partial record ErrorLogLine
{
    /// <summary>nginx could not put a message of its access log into the socket.</summary>
    private const string LostMessage = "send() to syslog failed";

    private const string Client = ", client: ";

    private ErrorLogLine(string level, string message, GroupCollection groups)
    {
        (Level, Message) = (level, message);
        ProcessId = Number(groups["process"]);
        Connection = Number(groups["connection"]);
    }

    /// <summary>As nginx names it, debug to emerg.</summary>
    public string Level { get; }

    /// <summary>What happened, without the request it happened to.</summary>
    public string Message { get; }

    public long? ProcessId { get; }

    public long? Connection { get; }

    /// <summary>The request: client, server, request, upstream, host, referrer, as far as they are known.</summary>
    public IReadOnlyDictionary<string, string> Request { get; private init; } = new Dictionary<string, string>();

    /// <summary>The nearest level of .NET's: crit, alert and emerg are all critical, and notice is information.</summary>
    public LogLevel LogLevel => Level switch
    {
        "debug" => LogLevel.Debug,
        "info" or "notice" => LogLevel.Information,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Critical,
    };

    /// <summary>Whether it says that the access log lost a request, which is counted instead.</summary>
    public bool IsLostMessage => Message.StartsWith(LostMessage, StringComparison.Ordinal);

    /// <summary>Reads a line of nginx's console.</summary>
    /// <returns>Null for what is no line of the error log.</returns>
    public static ErrorLogLine? Parse(string line)
    {
        var match = Pattern().Match(line);
        if (!match.Success)
        {
            return null;
        }

        var text = match.Groups["text"].Value;
        var end = text.IndexOf(Client, StringComparison.Ordinal);
        return new(match.Groups["level"].Value, end < 0 ? text : text[..end], match.Groups)
        {
            Request = end < 0 ? new Dictionary<string, string>() : Details(text[end..]),
        };
    }

    /// <summary>Writes the line to a log; the query of a request is left out.</summary>
    public void WriteTo(ILogger logger)
    {
        if (!logger.IsEnabled(LogLevel))
        {
            return;
        }

        var request = (Request.GetValueOrDefault("request") ?? "").Split(' ');
        KeyValuePair<string, object?>[] state =
        [
            new("nginx.log.level", Level),
            new("process.pid", ProcessId),
            new("nginx.connection", Connection),
            new("client.address", Request.GetValueOrDefault("client")),
            new("nginx.server", Request.GetValueOrDefault("server")),
            new("server.address", Request.GetValueOrDefault("host")),
            new("http.request.method", request[0]),
            new("url.path", request.Length > 1 ? RequestLine.PathOf(request[1]) : null),
            new("nginx.upstream.address", WithoutQuery(Request.GetValueOrDefault("upstream"))),
        ];
        logger.Log(LogLevel, default, state.Where(pair => pair.Value is not (null or "")).ToArray(), null, (_, _) => Message);
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

    private static long? Number(Group group) =>
        long.TryParse(group.ValueSpan, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(
        @"^(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) )?\d{4}/\d\d/\d\d \d\d:\d\d:\d\d "
        + @"\[(?<level>debug|info|notice|warn|error|crit|alert|emerg)\] (?<process>\d+)#\d+: (?:\*(?<connection>\d+) )?(?<text>.*)$",
        RegexOptions.Singleline)]
    private static partial Regex Pattern();

    [GeneratedRegex("""
        , (?<name>client|server|request|subrequest|upstream|host|referrer): (?<value>"(?:[^"\\]|\\.)*"|[^,"]+)
        """)]
    private static partial Regex Detail();
}

/// <summary>Follows what nginx writes to its console, and writes the lines of its error log to a log.</summary>
internal sealed class ErrorLogFollower(NginxResource nginx, ResourceLoggerService console, Func<ILogger?> log, TimeProvider timeProvider)
{
    /// <summary>A console may be completed when nginx stops, and go on when it starts again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private int _lastNumber;
    private long _lost;

    /// <summary>How many requests nginx said it could not log.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await foreach (var lines in console.WatchAsync(nginx).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                foreach (var line in lines.Where(line => line.LineNumber > _lastNumber))
                {
                    _lastNumber = line.LineNumber;
                    Read(line.Content);
                }
            }

            await Task.Delay(Pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Read(string content)
    {
        if (ErrorLogLine.Parse(content) is not { } line)
        {
            return;
        }

        if (line.IsLostMessage)
        {
            Interlocked.Increment(ref _lost);
        }
        else if (log() is { } logger)
        {
            line.WriteTo(logger);
        }
    }
}
