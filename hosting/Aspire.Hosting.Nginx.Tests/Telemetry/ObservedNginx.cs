using System.Runtime.Versioning;
using System.Threading.Channels;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>The real nginx, and the spans that are made of its access log.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ObservedNginx : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly AccessLogSocket _socket;
    private readonly RequestMetrics _metrics;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<Span> _spans = Channel.CreateUnbounded<Span>();
    private readonly Task _reading;

    private ObservedNginx(
        RunningNginx nginx, AccessLogSocket socket, NginxTelemetry settings, ILogger logger, IReadOnlyList<NginxUpstream> upstreams)
    {
        (Nginx, _socket) = (nginx, socket);
        var names = upstreams
            .SelectMany(upstream => upstream.Members.Select((address, index) => (Address: address, upstream.Name, Index: index)))
            .ToDictionary(member => member.Address, member => new MemberName(member.Name, $"{member.Name}-{member.Index}"));
        _metrics = new(names.GetValueOrDefault, null);
        var reader = new AccessLogReader(
            socket,
            _metrics,
            new(names.GetValueOrDefault),
            span => _spans.Writer.TryWrite(span),
            settings,
            TimeProvider.System,
            new(nginx.Configuration.Routes, _metrics.Meter, logger, TimeProvider.System));
        _reading = reader.RunAsync(_stopping.Token);
    }

    public RunningNginx Nginx { get; }

    public System.Diagnostics.Metrics.Meter Meter => _metrics.Meter;

    public static Task<ObservedNginx> StartAsync(
        NginxBinary binary,
        NginxConfiguration configuration,
        params NginxUpstream[] upstreams) => StartAsync(binary, configuration, NullLogger.Instance, upstreams);

    public static async Task<ObservedNginx> StartAsync(
        NginxBinary binary,
        NginxConfiguration configuration,
        ILogger logger,
        params NginxUpstream[] upstreams)
    {
        var socket = AccessLogSocket.Open();
        var nginx = await RunningNginx.StartAsync(binary, configuration with { LogServer = socket.Server }, upstreams);
        return new(nginx, socket, configuration.Telemetry, logger, upstreams);
    }

    /// <summary>The next span there is.</summary>
    public async Task<Span> NextSpanAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return await _spans.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>Ends reading, with what nginx sent until then.</summary>
    public async Task<IReadOnlyList<Span>> EndAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
        _spans.Writer.TryComplete();
        var spans = new List<Span>();
        while (_spans.Reader.TryRead(out var span))
        {
            spans.Add(span);
        }

        return spans;
    }

    public async ValueTask DisposeAsync()
    {
        await Nginx.DisposeAsync();
        await _stopping.CancelAsync();
        await _reading;
        _metrics.Dispose();
        _socket.Dispose();
        _stopping.Dispose();
    }
}
