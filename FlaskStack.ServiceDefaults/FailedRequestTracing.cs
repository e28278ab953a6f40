using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace FlaskStack.ServiceDefaults;

/// <summary>
/// Records the span of a request that failed though its caller does not sample it. Under load the proxy in front samples a share of
/// the requests, and an error is seldom among them.
/// </summary>
internal static class FailedRequestTracing
{
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <remarks>A sampler that does not follow the caller decides alone.</remarks>
    public static void AddFailedRequestTracing(this IHostApplicationBuilder builder)
    {
        var sampler = builder.Configuration[Sampler];
        if (string.IsNullOrWhiteSpace(sampler) || sampler.Trim().Equals("parentbased_always_on", StringComparison.OrdinalIgnoreCase))
        {
            builder.Services.AddFirstMiddleware(_ => InvokeAsync);
        }
    }

    private static Task InvokeAsync(HttpContext context, RequestDelegate next) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { Recorded: false } activity
            && !HealthEndpoints.Contains(context.Request.Path)
            ? RecordFailureAsync(context, next, activity)
            : next(context);

    private static async Task RecordFailureAsync(HttpContext context, RequestDelegate next, Activity activity)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            Record(context.Request, activity);
            throw;
        }

        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            Record(context.Request, activity);
        }
    }

    /// <summary>Adds what the instrumentation adds at the start of a sampled request; it adds status and route at the end.</summary>
    private static void Record(HttpRequest request, Activity activity)
    {
        activity.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        activity.IsAllDataRequested = true;
        activity.SetTag("http.request.method", request.Method);
        activity.SetTag("url.scheme", request.Scheme);
        activity.SetTag("url.path", request.Path.Value);
        activity.SetTag("server.address", request.Host.Host);
        if (request.Host.Port is { } port)
        {
            activity.SetTag("server.port", port);
        }
    }
}

/// <summary>
/// Sends what is left when the service stops, for two seconds at most. The SDK alone waits 5 s each for traces, metrics and logs, one after
/// the other, where a collector does not answer; Aspire kills a process that has not stopped after 6 s.
/// </summary>
internal sealed class TelemetryShutdown(TracerProvider traces, MeterProvider metrics, LoggerProvider logs) : IHostedService
{
    private const int Milliseconds = 2000;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Without the host's token: a stop that ran out of time has still something to send.
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => traces.Shutdown(Milliseconds), CancellationToken.None),
        Task.Run(() => metrics.Shutdown(Milliseconds), CancellationToken.None),
        Task.Run(() => logs.Shutdown(Milliseconds), CancellationToken.None));
}
