using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>A line of nginx's error log, taken apart.</summary>
internal sealed partial record ErrorLogLine
{
    private const string Client = ", client: ";
    private const string Referrer = ", referrer: \"";

    private ErrorLogLine(string level, string message, GroupCollection groups)
    {
        (Level, Message) = (level, Escaped(message));
        ProcessId = Number(groups["process"]);
        Connection = Number(groups["connection"]);
    }

    /// <summary>As nginx names it, debug to emerg.</summary>
    public string Level { get; }

    /// <summary>What happened, without the request it happened to. Control characters are escaped, as in all of its texts.</summary>
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
        var end = StartOfRequest(text);
        return new(match.Groups["level"].Value, text[..end], match.Groups) { Request = Details(text[end..]) };
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

    /// <summary>
    /// Where the request begins that nginx puts behind every message. nginx escapes nothing, so what looks like it may have been written by
    /// a client, in a message, which then has a quotation mark, or in the Referer header, which comes last.
    /// </summary>
    private static int StartOfRequest(string text)
    {
        var first = text.IndexOf(Client, StringComparison.Ordinal);
        var last = text.LastIndexOf(Client, StringComparison.Ordinal);
        if (first < 0)
        {
            return text.Length;
        }

        if (first == last || !text.AsSpan(0, first).Contains('"'))
        {
            return first;
        }

        // Either may be the client's work: then no request is better than a wrong one.
        return text.AsSpan(0, last).Contains(Referrer, StringComparison.Ordinal) ? text.Length : last;
    }

    private static Dictionary<string, string> Details(string text) => RequestPattern().Match(text).Groups.Values
        .Where(static group => group is { Success: true, Name: not "0" })
        .ToDictionary(static group => group.Name, static group => Escaped(group.Value));

    private static string Escaped(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(static character =>
            char.IsControl(character) ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)character:X2}") : $"{character}"))
        : text;

    private static long? Number(Group group) =>
        long.TryParse(group.ValueSpan, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(
        @"^(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) )?\d{4}/\d\d/\d\d \d\d:\d\d:\d\d "
        + @"\[(?<level>debug|info|notice|warn|error|crit|alert|emerg)\] (?<process>\d+)#\d+: (?:\*(?<connection>\d+) )?(?<text>.*)$",
        RegexOptions.Singleline)]
    private static partial Regex Pattern();

    /// <summary>In nginx's order. Neither a request line nor a host has a space where nginx accepts it.</summary>
    [GeneratedRegex(
        @"^, client: (?<client>[^,]*)(?:, server: (?<server>[^,]*))?(?:, request: ""(?<request>\S+ \S+(?: HTTP/[\d.]+)?)"")?"
        + @"(?:, subrequest: ""\S*"")?(?:, upstream: ""(?<upstream>.*?)""(?=, host: |, referrer: |$))?(?:, host: ""(?<host>\S*?)"")?",
        RegexOptions.Singleline)]
    private static partial Regex RequestPattern();
}

/// <summary>Follows what nginx writes to its console, and writes the lines of its error log to a log.</summary>
internal sealed class ErrorLogFollower(IResource nginx, ResourceLoggerService console, Func<ILogger?> log, TimeProvider timeProvider)
{
    /// <summary>A console may be completed when nginx stops, and go on when it starts again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private int _lastNumber;

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
        if (ErrorLogLine.Parse(content) is { } line && log() is { } logger)
        {
            line.WriteTo(logger);
        }
    }
}
