using System.Runtime.Versioning;
using System.Threading.Channels;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Nginx.Telemetry.AccessLog;
using Aspire.Hosting.Nginx.Telemetry.Metrics;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Aspire.Hosting.Nginx.Telemetry.Sampling;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>The real nginx, and the spans that are made of its access log.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ObservedNginx : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder;
    private readonly AccessLogSocket _socket;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<Span> _spans = Channel.CreateUnbounded<Span>();
    private readonly Task _reading;

    private ObservedNginx(RunningNginx nginx, DirectoryInfo folder, AccessLogSocket socket, NginxTelemetry settings, IReadOnlyList<NginxUpstream> upstreams)
    {
        (Nginx, _folder, _socket) = (nginx, folder, socket);
        var paths = new NginxRunPaths(nginx.Folder);
        Sampling = new(settings, new(paths.GatesFolder, NginxRunPaths.KeptGate, NullLogger.Instance), new(paths.GatesFolder, NginxRunPaths.ToldGate, NullLogger.Instance), TimeProvider.System);
        var names = upstreams
            .SelectMany(upstream => upstream.Members.Select((address, index) => (address, new MemberName(upstream.Name, $"{upstream.Name}-{index}"))))
            .ToDictionary(pair => pair.address, pair => pair.Item2);
        var reader = new AccessLogReader(socket, Sampling, Metrics, new(names.GetValueOrDefault), span => _spans.Writer.TryWrite(span), TimeProvider.System);
        _reading = reader.RunAsync(_stopping.Token);
    }

    public RunningNginx Nginx { get; }

    public SamplingController Sampling { get; }

    public RequestMetrics Metrics { get; } = new();

    public static async Task<ObservedNginx> StartAsync(NginxBinary binary, NginxConfiguration configuration, bool overUdp, params NginxUpstream[] upstreams)
    {
        var folder = Directory.CreateTempSubdirectory("observed-");
        folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var socket = overUdp ? AccessLogSocket.OpenUdp() : AccessLogSocket.OpenUnix(Path.Combine(folder.FullName, "log.sock"), workersAreOthers: true);
        var nginx = await RunningNginx.StartAsync(binary, configuration with { LogServer = socket.Server }, upstreams);
        return new(nginx, folder, socket, configuration.Telemetry, upstreams);
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
        _socket.Dispose();
        _stopping.Dispose();
        _folder.Delete(recursive: true);
    }
}
