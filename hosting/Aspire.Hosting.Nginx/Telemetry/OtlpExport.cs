using System.Diagnostics.Metrics;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>
/// Sends the telemetry of one nginx to a receiver: metrics and logs through OpenTelemetry's SDK, spans by <see cref="SpanSender"/>.
/// </summary>
internal sealed class OtlpExport : IAsyncDisposable
{
    private const int LogInterval = 1_000;

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(1);

    private readonly SpanSender _spans;
    private readonly MeterProvider _metrics;
    private readonly ILoggerFactory _logs;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sending;

    /// <param name="target">The receiver.</param>
    /// <param name="meter">Whose instruments are exported.</param>
    /// <param name="metricsInterval">How often metrics are sent.</param>
    /// <param name="logger">Learns what cannot be delivered.</param>
    /// <param name="timeProvider">The clock.</param>
    public OtlpExport(OtlpTarget target, Meter meter, TimeSpan metricsInterval, ILogger logger, TimeProvider timeProvider)
    {
        var resource = ResourceBuilder.CreateEmpty().AddAttributes(target.Attributes);
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(meter.Name)
            .AddView(instrument => instrument.Meter == meter ? null : MetricStreamConfiguration.Drop)
            .AddOtlpExporter((exporter, reader) =>
            {
                target.Apply(exporter, "metrics");
                reader.TemporalityPreference = MetricReaderTemporalityPreference.Cumulative;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)metricsInterval.TotalMilliseconds;
            })
            .Build();
        _logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(resource).AddOtlpExporter((exporter, processor) =>
            {
                target.Apply(exporter, "logs");
                processor.ExportProcessorType = ExportProcessorType.Batch;
                processor.BatchExportProcessorOptions.ScheduledDelayMilliseconds = LogInterval;
            });
        }));
        Logger = _logs.CreateLogger(RequestMetrics.MeterName);
        _spans = new(target, logger, timeProvider);
        _sending = _spans.RunAsync(_stopping.Token);
    }

    /// <summary>Its records are exported.</summary>
    public ILogger Logger { get; }

    public void Send(Span span) => _spans.Add(span);

    /// <summary>Sends the spans and metrics that there are, if the receiver takes them within a second.</summary>
    public async Task FlushAsync()
    {
        using var deadline = new CancellationTokenSource(EndLimit);
        Task spans = _spans.FlushAsync(deadline.Token);
        Task metrics = Task.Run(() => _metrics.ForceFlush((int)EndLimit.TotalMilliseconds));
        await Task.WhenAll(spans, metrics).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Sends what is left, if the receiver takes it within a second: an application that ends does not wait for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var rest = Task.WhenAll(FlushAsync(), Task.Run(_logs.Dispose));
        await rest.WaitAsync(EndLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = Task.Run(_metrics.Dispose);
        await _spans.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }
}
