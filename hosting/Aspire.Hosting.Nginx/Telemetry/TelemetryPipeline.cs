using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>From nginx's logs to the receiver of telemetry: reads, counts, makes spans, sends.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TelemetryPipeline : IAsyncDisposable
{
    private readonly TelemetrySources _sources;
    private readonly AccessLogSocket _socket;
    private readonly RequestMetrics _requests;
    private readonly AccessLogReader _reader;
    private readonly ErrorLogFollower _errors;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _work;
    private volatile OtlpExport? _export;
    private string? _variables;
    private bool _loggedLoss;

    private TelemetryPipeline(TelemetrySources sources, AccessLogSocket socket)
    {
        (_sources, _socket) = (sources, socket);
        _requests = new(sources.NameOf, sources.Meters);
        _requests.Meter.CreateObservableCounter(
            "nginx.telemetry.lost",
            ReadLost,
            "{request}",
            "Requests that are in no other metric, because the access log came too fast.");
        ConnectionMetrics.AddTo(_requests.Meter, sources.Paths.StatusSocket, sources.Logger, sources.TimeProvider);
        var shadows = sources.Routes.Any(static route => route.Shadow is not null)
            ? new ShadowComparer(sources.Routes, _requests.Meter, sources.Logger, sources.TimeProvider)
            : null;
        _reader = new(socket, _requests, new(sources.NameOf), span => _export?.Send(span), sources.Settings, sources.TimeProvider, shadows);
        _errors = new(sources.Nginx, sources.Console, () => _export?.Logger, sources.TimeProvider);
        _work = GuardAsync(RunAsync(_stopping.Token));
    }

    /// <summary>Where nginx sends its access log.</summary>
    public NginxLogServer Server => _socket.Server;

    /// <summary>Opens the access log, before nginx starts.</summary>
    /// <returns>Null where the system gives no socket; nginx serves without it.</returns>
    public static TelemetryPipeline? Start(TelemetrySources sources)
    {
        try
        {
            return new(sources, AccessLogSocket.Open());
        }
        catch (SocketException exception)
        {
            Log.NoSocket(sources.Logger, exception.Message);
            return null;
        }
    }

    /// <summary>Reads what is there still, and sends it if the receiver takes it within a second.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        if (_export is { } export)
        {
            await export.DisposeAsync().ConfigureAwait(false);
        }

        _requests.Dispose();
        _socket.Dispose();
        _stopping.Dispose();
    }

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
            Log.Ended(_sources.Logger, _sources.Nginx.Name, exception);
        }
    }

    /// <summary>
    /// nginx's snapshot holds the variables it was started with, which say where telemetry goes. What nginx logs before they are known
    /// waits in the socket and in the console.
    /// </summary>
    private async Task RunAsync(CancellationToken cancellationToken)
    {
        Task? readers = null;
        try
        {
            await foreach (var change in _sources.Notifications.WatchAsync(cancellationToken).ConfigureAwait(false))
            {
                if (change.Resource != _sources.Nginx)
                {
                    continue;
                }

                if (await FindReceiverAsync(change.Snapshot).ConfigureAwait(false))
                {
                    readers ??= Task.WhenAll(
                        GuardAsync(_reader.RunAsync(cancellationToken)),
                        GuardAsync(_errors.RunAsync(cancellationToken)));
                }

                if (KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text) && _export is { } export)
                {
                    await export.FlushAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            await (readers ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    /// <returns>Whether there are variables, and other ones than before.</returns>
    private async Task<bool> FindReceiverAsync(CustomResourceSnapshot snapshot)
    {
        var variables = snapshot.EnvironmentVariables
            .Where(variable => variable.Name.StartsWith("OTEL_", StringComparison.Ordinal) && variable.Value is not null)
            .GroupBy(variable => variable.Name)
            .ToDictionary(group => group.Key, group => group.Last().Value!);
        var text = string.Join('\n', variables.Select(variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal));
        if (variables.Count == 0 || text == _variables)
        {
            return false;
        }

        _variables = text;
        var target = OtlpTarget.Read(variables, _sources.Nginx.Name, out var problem);
        if (problem is not null)
        {
            Log.NoReceiver(_sources.Logger, problem);
        }

        var before = _export;
        _export = target is null
            ? null
            : new(target, _requests.Meter, _sources.Settings.ScrapeInterval, _sources.Logger, _sources.TimeProvider);
        if (before is not null)
        {
            await before.DisposeAsync().ConfigureAwait(false);
        }

        return true;
    }

    private long ReadLost()
    {
        var lost = _socket.Dropped();
        if (lost > 0 && !_loggedLoss)
        {
            _loggedLoss = true;
            Log.RequestsMissing(_sources.Logger, lost);
        }

        return lost;
    }
}

/// <summary>What the telemetry of one nginx is made from.</summary>
/// <param name="Nginx">The resource.</param>
/// <param name="Settings">What the AppHost asked for.</param>
/// <param name="Routes">The routes, some of which may have shadows.</param>
/// <param name="Paths">Where nginx runs.</param>
/// <param name="NameOf">Finds the replica that has an address.</param>
/// <param name="Notifications">Hold nginx's variables, which say where telemetry goes.</param>
/// <param name="Console">Holds what nginx writes to its console.</param>
/// <param name="Meters">Those of the application.</param>
/// <param name="Logger">Learns what goes wrong.</param>
/// <param name="TimeProvider">The clock.</param>
internal sealed record TelemetrySources(
    IResource Nginx,
    NginxTelemetry Settings,
    ImmutableArray<NginxRoute> Routes,
    NginxRunPaths Paths,
    Func<string, MemberName?> NameOf,
    ResourceNotificationService Notifications,
    ResourceLoggerService Console,
    IMeterFactory Meters,
    ILogger Logger,
    TimeProvider TimeProvider);

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
