using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;

namespace FlaskStack.Api.Testing;

/// <summary>Routes under <c>/testing</c> that make the service misbehave on request; mapped only with <c>Api:TestEndpoints=true</c>.</summary>
internal static class TestingEndpoints
{
    /// <summary>Registers what the routes need.</summary>
    /// <param name="services">The services.</param>
    public static void AddTesting(this IServiceCollection services)
    {
        services.AddSingleton<TestingState>();
        services.AddHealthChecks().AddCheck<TestingState>("testing");
    }

    /// <summary>Maps the routes.</summary>
    /// <param name="app">The application.</param>
    public static void MapTesting(this WebApplication app)
    {
        var state = app.Services.GetRequiredService<TestingState>();
        var testing = app.MapGroup("/testing");
        testing.Map("/delay", (RequestDelegate)DelayAsync);
        testing.Map("/headers", (RequestDelegate)HeadersAsync);
        testing.Map("/fail", (RequestDelegate)(context => throw new InvalidOperationException("Asked to fail at /testing/fail.")));
        testing.Map("/log", context => LogAsync(context, app.Lifetime.ApplicationStopping));
        testing.Map("/exit", (RequestDelegate)ExitAsync);
        testing.Map("/crash", (RequestDelegate)CrashAsync);
        testing.Map("/instance", context => JsonAsync(context, Instance(app.Configuration), TestingJsonContext.Default.TestingInstance));
        testing.Map("/unhealthy", context =>
        {
            state.SetUnhealthy(TestingQuery.Flag(context.Request, "on"));
            return TextAsync(context, "set");
        });
        testing.Map("/leak", context => TextAsync(context, $"{state.Leak(TestingQuery.Number(context.Request, "mb", 0))} MiB held"));
    }

    private static async Task DelayAsync(HttpContext context)
    {
        await Task.Delay(TestingQuery.Number(context.Request, "ms", 0), context.RequestAborted).ConfigureAwait(false);
        await TextAsync(context, "waited").ConfigureAwait(false);
    }

    private static Task HeadersAsync(HttpContext context)
    {
        var request = context.Request;
        var headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.Select(value => value ?? "").ToArray());
        var seen = new TestingHeaders(context.Connection.RemoteIpAddress?.ToString(), request.Scheme, request.Host.ToString(), headers);
        return JsonAsync(context, seen, TestingJsonContext.Default.TestingHeaders);
    }

    private static Task LogAsync(HttpContext context, CancellationToken stopping)
    {
        var bytes = TestingQuery.Number(context.Request, "bytes", 0);
        var lineBytes = TestingQuery.Number(context.Request, "lineBytes", 100);
        var toError = TestingQuery.Flag(context.Request, "stderr");
        _ = Task.Run(() => LogFlood.WriteAsync(bytes, lineBytes, toError, stopping), stopping);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }

    private static Task ExitAsync(HttpContext context)
    {
        var code = TestingQuery.Number(context.Request, "code", 0);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.OnCompleted(() =>
        {
            Environment.Exit(code);
            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }

    /// <summary>Dies as by <c>kill -9</c>, with the request unanswered.</summary>
    private static Task CrashAsync(HttpContext context)
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        return Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    private static TestingInstance Instance(IConfiguration configuration)
    {
        const string key = "service.instance.id=";
        var attributes = configuration["OTEL_RESOURCE_ATTRIBUTES"]?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        var instance = attributes.LastOrDefault(attribute => attribute.StartsWith(key, StringComparison.Ordinal));
        return new TestingInstance(Environment.ProcessId, instance?[key.Length..]);
    }

    private static Task TextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static Task JsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> typeInfo) =>
        context.Response.WriteAsJsonAsync(value, typeInfo, cancellationToken: context.RequestAborted);
}
