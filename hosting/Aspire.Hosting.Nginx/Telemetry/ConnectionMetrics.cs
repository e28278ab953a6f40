using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>Reads the connections of a running nginx from its <c>stub_status</c> each time that metrics are collected.</summary>
internal sealed class ConnectionMetrics
{
    private const string Connections = "{connection}";
    private const int AnswerLimit = 2_000;

    /// <summary>The instruments are asked one after another, and share one reading.</summary>
    private static readonly TimeSpan OneReading = TimeSpan.FromMilliseconds(500);

    private readonly string _socket;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _lock = new();
    private StubStatus? _status;
    private StubStatus _before = StubStatus.None;
    private StubStatus _last = StubStatus.None;
    private long? _readAt;

    private ConnectionMetrics(string socket, ILogger logger, TimeProvider timeProvider) =>
        (_socket, _logger, _timeProvider) = (socket, logger, timeProvider);

    /// <summary>Adds its instruments to a meter.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="socket">The Unix socket on which nginx shows its status.</param>
    /// <param name="logger">Learns at debug level that nginx did not answer.</param>
    /// <param name="timeProvider">The clock.</param>
    public static void AddTo(Meter meter, string socket, ILogger logger, TimeProvider timeProvider)
    {
        var connections = new ConnectionMetrics(socket, logger, timeProvider);
        meter.CreateObservableUpDownCounter(
            "nginx.connections",
            connections.States,
            Connections,
            "Client connections by what they are doing; active are all of them.");
        meter.CreateObservableCounter(
            "nginx.connections.accepted",
            () => connections.Total(status => status.Accepted),
            Connections,
            "Connections accepted.");
        meter.CreateObservableCounter(
            "nginx.connections.handled",
            () => connections.Total(status => status.Handled),
            Connections,
            "Connections handled; fewer than accepted where a limit was reached.");
        meter.CreateObservableCounter(
            "nginx.requests.received",
            () => connections.Total(status => status.Requests),
            "{request}",
            "Requests received, those for nginx's health and its status too.");
    }

    private List<Measurement<long>> States()
    {
        static Measurement<long> Of(string state, long count) =>
            new(count, new KeyValuePair<string, object?>("nginx.connection.state", state));

        return Read() is not { } status
            ? []
            : [Of("active", status.Active), Of("reading", status.Reading), Of("writing", status.Writing), Of("waiting", status.Waiting)];
    }

    /// <summary>nginx counts from its own start; what it counted before a restart is added.</summary>
    private List<Measurement<long>> Total(Func<StubStatus, long> count) =>
        Read() is { } status ? [new(count(_before) + count(status))] : [];

    /// <returns>Null while nginx does not run, or does not answer.</returns>
    private StubStatus? Read()
    {
        lock (_lock)
        {
            if (_readAt is { } readAt && _timeProvider.GetElapsedTime(readAt) < OneReading)
            {
                return _status;
            }

            _status = Ask();
            _readAt = _timeProvider.GetTimestamp();
            if (_status is not null)
            {
                _before = _status.Accepted < _last.Accepted ? _before.Plus(_last) : _before;
                _last = _status;
            }

            return _status;
        }
    }

    private StubStatus? Ask()
    {
        // nginx makes the socket when it starts, and removes it when it ends.
        if (!File.Exists(_socket))
        {
            return null;
        }

        try
        {
            // Metrics are collected on a thread of their own, which may wait.
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            {
                SendTimeout = AnswerLimit,
                ReceiveTimeout = AnswerLimit,
            };
            socket.Connect(new UnixDomainSocketEndPoint(_socket));
            socket.Send("GET / HTTP/1.0\r\n\r\n"u8);
            using var answer = new StreamReader(new NetworkStream(socket));
            return StubStatus.Parse(answer.ReadToEnd());
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            Log.StatusNotRead(_logger, exception.Message);
            return null;
        }
    }
}

/// <summary>What <c>stub_status</c> says.</summary>
internal sealed partial record StubStatus(long Active, long Accepted, long Handled, long Requests, long Reading, long Writing, long Waiting)
{
    public static readonly StubStatus None = new(0, 0, 0, 0, 0, 0, 0);

    public static StubStatus? Parse(string text)
    {
        long[] numbers = [.. Pattern().Match(text).Groups.Values.Skip(1).Where(group => group.Success).Select(Number)];
        return numbers is [var active, var accepted, var handled, var requests, var reading, var writing, var waiting]
            ? new(active, accepted, handled, requests, reading, writing, waiting)
            : null;
    }

    /// <summary>The totals of two runs of nginx.</summary>
    public StubStatus Plus(StubStatus other) =>
        None with { Accepted = Accepted + other.Accepted, Handled = Handled + other.Handled, Requests = Requests + other.Requests };

    private static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"Active connections:\s+(\d+)\s+server accepts handled requests\s+(\d+)\s+(\d+)\s+(\d+)\s+"
        + @"Reading:\s+(\d+)\s+Writing:\s+(\d+)\s+Waiting:\s+(\d+)")]
    private static partial Regex Pattern();
}
