using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FlaskStack.Api;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FlaskStack.TestApi;

/// <summary>The API with routes under <c>/testing</c> that make it misbehave on request.</summary>
internal static class TestApiApplication
{
    /// <summary>Builds it without starting it.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">Last word on configuration and services.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var app = ApiApplication.Build(args, builder =>
        {
            builder.Services.AddSingleton<TestingState>();
            builder.Services.AddHealthChecks().AddCheck<TestingState>("testing");
            configure?.Invoke(builder);
        });
        app.MapTesting();
        return app;
    }
}

/// <summary>The routes.</summary>
internal static class TestingEndpoints
{
    /// <summary>Maps them.</summary>
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

/// <summary>Reads the query of a test route.</summary>
internal static class TestingQuery
{
    /// <summary>Reads a whole number that is not negative.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The name in the query.</param>
    /// <param name="defaultValue">What counts when the query does not name it.</param>
    /// <exception cref="BadHttpRequestException">The value is no such number (400).</exception>
    public static int Number(HttpRequest request, string name, int defaultValue)
    {
        if (request.Query[name].ToString() is not { Length: > 0 } text)
        {
            return defaultValue;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new BadHttpRequestException($"{name} is '{text}': give a whole number.");
    }

    /// <summary>Reads a switch: absent is off; <c>true</c>, <c>1</c> or no value is on.</summary>
    /// <exception cref="BadHttpRequestException">The value is neither (400).</exception>
    public static bool Flag(HttpRequest request, string name) => request.Query.TryGetValue(name, out var values) && values.ToString() switch
    {
        "" or "1" or "true" => true,
        "0" or "false" => false,
        var text => throw new BadHttpRequestException($"{name} is '{text}': give true or false."),
    };
}

/// <summary>What the test routes have changed in this process.</summary>
internal sealed class TestingState : IHealthCheck
{
    private readonly List<byte[]> _leaked = [];
    private volatile bool _unhealthy;

    /// <summary>Makes the service ready or not.</summary>
    /// <param name="unhealthy"><see langword="true"/> to answer 503 at <c>/health</c>.</param>
    public void SetUnhealthy(bool unhealthy) => _unhealthy = unhealthy;

    /// <summary>Holds memory for the rest of the process's life.</summary>
    /// <param name="megabytes">How much, in MiB.</param>
    /// <returns>What is held in all, in MiB.</returns>
    public int Leak(int megabytes)
    {
        lock (_leaked)
        {
            for (var i = 0; i < megabytes; i++)
            {
                var block = GC.AllocateUninitializedArray<byte>(1024 * 1024);
                // Memory that was never written to is not resident.
                block.AsSpan().Fill(1);
                _leaked.Add(block);
            }

            return _leaked.Count;
        }
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_unhealthy ? HealthCheckResult.Unhealthy("Made unhealthy at /testing/unhealthy.") : HealthCheckResult.Healthy());
}

/// <summary>The JSON types of the test routes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TestingHeaders))]
[JsonSerializable(typeof(TestingInstance))]
internal sealed partial class TestingJsonContext : JsonSerializerContext;

/// <summary>How the service sees a request after the proxy's headers are taken into account.</summary>
/// <param name="Client">The client's address, or <see langword="null"/> on a bare Unix socket.</param>
/// <param name="Scheme">The scheme.</param>
/// <param name="Host">The host.</param>
/// <param name="Headers">All request headers, as they are then.</param>
internal sealed record TestingHeaders(string? Client, string Scheme, string Host, IReadOnlyDictionary<string, string[]> Headers);

/// <summary>Which process answered.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="Instance">Its <c>service.instance.id</c>, from <c>OTEL_RESOURCE_ATTRIBUTES</c>.</param>
internal sealed record TestingInstance(int Pid, string? Instance);

/// <summary>Writes much output quickly, to try what captures it.</summary>
internal static class LogFlood
{
    /// <summary>Writes numbered lines straight to the stream.</summary>
    /// <param name="bytes">How many bytes in all, line ends included.</param>
    /// <param name="lineBytes">Bytes of one line, its end included.</param>
    /// <param name="toError">Standard error instead of standard output.</param>
    /// <param name="cancellationToken">Stops early.</param>
    public static async Task WriteAsync(int bytes, int lineBytes, bool toError, CancellationToken cancellationToken)
    {
        var stream = toError ? Console.OpenStandardError() : Console.OpenStandardOutput();
        await using (stream.ConfigureAwait(false))
        {
            var line = new byte[Math.Max(1, lineBytes)];
            var number = 0;
            for (var left = bytes; left > 0; left -= line.Length)
            {
                var current = line.AsMemory(0, Math.Min(left, line.Length));
                Format(current.Span, ++number);
                await stream.WriteAsync(current, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static void Format(Span<byte> line, int number)
    {
        line.Fill((byte)'x');
        number.TryFormat(line[..^1], out _, provider: CultureInfo.InvariantCulture);
        line[^1] = (byte)'\n';
    }
}
