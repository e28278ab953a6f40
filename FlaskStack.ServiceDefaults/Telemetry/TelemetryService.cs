using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace FlaskStack.ServiceDefaults.Telemetry;

/// <summary>Collects traces and metrics from start to stop, and sends what is left at the end.</summary>
/// <param name="identity">Who they come from, and the settings.</param>
/// <param name="logs">Sends the log records.</param>
internal sealed class TelemetryService(TelemetryIdentity identity, LoggerProvider logs) : IHostedService, IDisposable
{
    /// <summary>Activity sources and meters of services, which by convention start with this.</summary>
    private const string OwnInstruments = "FlaskStack.*";

    /// <summary>How long the last sending may take. A collector that is gone must not hold up the stop.</summary>
    private const int ShutdownMilliseconds = 2000;

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The SDK reads sampler, delays, protocol and headers from the configuration it finds among its services.
        _traces = Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(identity.Configuration))
            .SetResourceBuilder(identity.Resource())
            .AddSource("Microsoft.AspNetCore", "System.Net.Http", OwnInstruments)
            .AddProcessor(new HealthTraceFilter())
            .AddOtlpExporter()
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(identity.Configuration))
            .SetResourceBuilder(identity.Resource())
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", OwnInstruments)

            // Counted up and down with every request, it costs as much as all else that is measured; kestrel.active_connections tells much the same.
            .AddView("http.server.active_requests", MetricStreamConfiguration.Drop)
            .AddOtlpExporter()
            .Build();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        // Not the host's token: a stop that ran out of time has still something to tell.
        Task.Run(() => _traces?.Shutdown(ShutdownMilliseconds), CancellationToken.None),
        Task.Run(() => _metrics?.Shutdown(ShutdownMilliseconds), CancellationToken.None),
        Task.Run(() => logs.Shutdown(ShutdownMilliseconds), CancellationToken.None));

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }
}
