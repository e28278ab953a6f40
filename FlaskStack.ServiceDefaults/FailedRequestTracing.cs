using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace FlaskStack.ServiceDefaults;

/// <summary>
/// Records the span of every failed request, even if the caller did not sample it.
/// </summary>
/// <remarks>Under load the proxy in front samples only a share of the requests, which would miss most errors.</remarks>
internal static class FailedRequestTracing
{
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <remarks>It does nothing with a sampler other than <c>parentbased_always_on</c>, the default.</remarks>
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

    /// <summary>Adds the tags that the instrumentation sets at the start of a sampled request; it sets the others at the end.</summary>
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
/// Sends the remaining telemetry when the service stops, for two seconds at most.
/// </summary>
/// <remarks>
/// If the collector does not answer, the SDK waits 5 s each for traces, metrics and logs, one after the other; Aspire kills a process that
/// has not stopped after 6 s.
/// </remarks>
internal sealed class TelemetryShutdown(TracerProvider traces, MeterProvider metrics, LoggerProvider logs) : IHostedService
{
    private const int Milliseconds = 2000;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        OnThread(() => traces.Shutdown(Milliseconds)),
        OnThread(() => metrics.Shutdown(Milliseconds)),
        OnThread(() => logs.Shutdown(Milliseconds)));

    /// <remarks>
    /// They block: three threads of the pool are more than it has at once on two processors, and the requests in flight need them. Without
    /// the host's token, as a stop that has run out of time still has telemetry to send.
    /// </remarks>
    private static Task OnThread(Action shutdown) =>
        Task.Factory.StartNew(shutdown, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
