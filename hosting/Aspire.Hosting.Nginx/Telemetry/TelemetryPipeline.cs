using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.AccessLog;
using Aspire.Hosting.Nginx.Telemetry.ErrorLog;
using Aspire.Hosting.Nginx.Telemetry.Metrics;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Aspire.Hosting.Nginx.Telemetry.Sampling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>From nginx's logs to the receiver of telemetry: takes, counts, turns into spans, sends.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TelemetryPipeline : IAsyncDisposable
{
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(1);

    private readonly NginxResource _nginx;
    private readonly ResourceNotificationService _notifications;
    private readonly ILogger _logger;
    private readonly AccessLogSocket _socket;
    private readonly AccessLogReader _reader;
    private readonly ErrorLogFollower _errors;
    private readonly StubStatusReader _status;
    private readonly MetricsBuilder _metrics;
    private readonly UpstreamMeter _upstreams;
    private readonly OtlpClient _client = new();
    private readonly OtlpExporter _exporter;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _work;
    private string? _told;
    private bool _toldLoss;

    private TelemetryPipeline(TelemetrySources sources, AccessLogSocket socket)
    {
        (_nginx, _notifications, _logger, _socket) = (sources.Nginx, sources.Notifications, sources.Logger, socket);
        var requests = new RequestMetrics();
        _metrics = new(requests, sources.NameOf, sources.TimeProvider);
        _upstreams = new(requests, sources.NameOf, sources.Meters);
        _status = new(sources.Paths.StatusSocket, _logger);
        _exporter = new(_client, ReadMetricsAsync, sources.Settings.ScrapeInterval, _logger, sources.TimeProvider);
        _errors = new(_nginx, sources.Logs, _exporter.Logs.Add, sources.TimeProvider);
        var kept = new SamplingGate(sources.Paths.GatesFolder, NginxRunPaths.KeptGate, _logger);
        var told = new SamplingGate(sources.Paths.GatesFolder, NginxRunPaths.ToldGate, _logger);
        _reader = new(socket, new(sources.Settings, kept, told, sources.TimeProvider), requests, new(sources.NameOf), _exporter.Spans.Add, sources.TimeProvider);
        _work = RunAsync(_stopping.Token);
    }

    /// <summary>Where nginx sends its access log.</summary>
    public NginxLogServer Server => _socket.Server;

    /// <summary>Whether nginx can still reach it: a Unix socket is gone when somebody cleared its folder.</summary>
    public bool IsReachable => _socket.IsReachable;

    /// <summary>Starts taking, before nginx starts sending.</summary>
    /// <returns>Null where the system gives no socket; nginx serves without it.</returns>
    public static TelemetryPipeline? Start(TelemetrySources sources, bool workersAreOthers)
    {
        try
        {
            return new(sources, AccessLogSocket.Open(sources.Paths.LogSocket, workersAreOthers));
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            Log.NoSocket(sources.Logger, exception.Message);
            return null;
        }
    }

    /// <summary>Takes what is there still, and sends it if the receiver takes it within a second.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        using var limit = new CancellationTokenSource(FlushLimit);
        try
        {
            await _exporter.FlushAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The receiver is slow, and the application does not wait for it.
        }

        _upstreams.Dispose();
        _client.Dispose();
        _status.Dispose();
        _socket.Dispose();
        _stopping.Dispose();
    }

    private Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        GuardAsync(_reader.RunAsync(cancellationToken)),
        GuardAsync(_errors.RunAsync(cancellationToken)),
        GuardAsync(_exporter.RunAsync(cancellationToken)),
        GuardAsync(FollowAsync(cancellationToken)));

    private async Task GuardAsync(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It is asked to end.
        }
        catch (Exception exception)
        {
            Log.Ended(_logger, _nginx.Name, exception);
        }
    }

    /// <summary>nginx is told like any other process where its telemetry goes; its row shows with what it was started.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in _notifications.WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            if (change.Resource != _nginx)
            {
                continue;
            }

            Aim(change.Snapshot);
            if (KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text))
            {
                _exporter.Hurry();
            }
        }
    }

    private void Aim(CustomResourceSnapshot snapshot)
    {
        var variables = snapshot.EnvironmentVariables
            .Where(variable => variable.Name.StartsWith("OTEL_", StringComparison.Ordinal) && variable.Value is not null)
            .GroupBy(variable => variable.Name)
            .ToDictionary(group => group.Key, group => group.Last().Value!);
        var told = string.Join('\n', variables.OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => $"{variable.Key}={variable.Value}"));
        if (variables.Count == 0 || told == _told)
        {
            return;
        }

        _told = told;
        _exporter.Target = OtlpTarget.Read(variables, _nginx.Name, out var problem);
        if (problem is not null)
        {
            Log.NoReceiver(_logger, problem);
        }
    }

    private async Task<IReadOnlyList<Metric>> ReadMetricsAsync(CancellationToken cancellationToken)
    {
        var status = await _status.ReadAsync(cancellationToken).ConfigureAwait(false);
        var lost = _errors.Lost + (_socket.Dropped() ?? 0);
        if (lost > 0 && !_toldLoss)
        {
            _toldLoss = true;
            Log.RequestsMissing(_logger, lost);
        }

        return _metrics.Build(status, lost);
    }
}

/// <summary>What the telemetry of one nginx is made from.</summary>
/// <param name="Nginx">The resource.</param>
/// <param name="Settings">What the AppHost asked for.</param>
/// <param name="Paths">Where nginx runs.</param>
/// <param name="NameOf">Tells whose address it is.</param>
/// <param name="Notifications">Tell where telemetry goes.</param>
/// <param name="Logs">Hold what nginx writes to its console.</param>
/// <param name="Meters">Those of the application.</param>
/// <param name="Logger">Is told what goes wrong.</param>
/// <param name="TimeProvider">The clock.</param>
internal sealed record TelemetrySources(
    NginxResource Nginx,
    NginxTelemetry Settings,
    NginxRunPaths Paths,
    Func<string, MemberName?> NameOf,
    ResourceNotificationService Notifications,
    ResourceLoggerService Logs,
    IMeterFactory Meters,
    ILogger Logger,
    TimeProvider TimeProvider);

/// <summary>Which row of which resource an address belongs to.</summary>
/// <param name="Upstream">The upstream.</param>
/// <param name="Row">The id of the row, such as <c>api-qwertyui</c>.</param>
internal sealed record MemberName(string Upstream, string Row);

/// <summary>Whether the application has a receiver for telemetry, as Aspire's configuration says it.</summary>
internal static class TelemetryReceiver
{
    private static readonly string[] Keys =
    [
        "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL",
        "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL",
        "DOTNET_DASHBOARD_OTLP_ENDPOINT_URL",
        "DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL",
    ];

    public static bool IsConfigured(IConfiguration configuration) => Keys.Any(key => configuration[key] is { Length: > 0 });
}
