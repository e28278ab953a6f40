using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace FlaskStack.ServiceDefaults.Telemetry;

/// <summary>Sends logs, traces and metrics over OTLP when an endpoint is configured.</summary>
internal static class TelemetryExtensions
{
    private const string SuppressTags = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    /// <summary>Adds telemetry, or nothing at all when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is not set.</summary>
    /// <param name="builder">The builder of the service.</param>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        // ASP.NET Core names method, scheme and path in its own activities only when asked to.
        if (!AppContext.TryGetSwitch(SuppressTags, out _))
        {
            AppContext.SetSwitch(SuppressTags, false);
        }

        var identity = new TelemetryIdentity(builder.Environment.ApplicationName, builder.Configuration);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
            logging.SetResourceBuilder(identity.Resource());
            logging.AddOtlpExporter();
        });

        builder.Services.AddSingleton(identity);
        builder.Services.AddHostedService<TelemetryService>();
        builder.Services.AddSingleton<IStartupFilter, RequestActivityFilter>();
    }
}
