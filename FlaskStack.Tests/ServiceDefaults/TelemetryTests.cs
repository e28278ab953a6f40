using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.ServiceDefaults;

[Collection(AloneGroup.Name)]
public sealed partial class TelemetryTests : IAsyncLifetime
{
    /// <summary>
    /// A stop gives a collector two seconds. In a process that never sent before, most of them may go into compiling what sends.
    /// </summary>
    public async Task InitializeAsync()
    {
        await using var collector = await CollectorAsync(new());
        await ServeOnceAsync(collector);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Sends_traces_metrics_and_logs_at_the_latest_when_it_stops()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectorAsync(received);

        await ServeOnceAsync(collector);

        foreach (var path in new[] { "/v1/traces", "/v1/metrics", "/v1/logs" })
        {
            Assert.Contains("the-service", received[path], StringComparison.Ordinal);
            Assert.Contains("the-instance", received[path], StringComparison.Ordinal);
        }

        Assert.Contains("GET /orders/{id}", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("http.response.status_code", received["/v1/traces"], StringComparison.Ordinal);
        // The test's own client is traced as well; the service's side of the probe is not.
        Assert.DoesNotContain("GET /health", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("dotnet.gc.collections", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("flaskstack.orders", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("doing the work", received["/v1/logs"], StringComparison.Ordinal);
    }

    private static async Task ServeOnceAsync(WebApplication collector)
    {
        await using var app = await ServiceAsync(collector.Urls.Single());
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.Equal("work", await client.GetStringAsync(new Uri("/orders/7", UriKind.Relative)));
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/health", UriKind.Relative)));
        await app.StopAsync();
    }

    [Fact]
    public async Task Stops_soon_when_the_collector_never_answers()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var app = await ServiceAsync($"http://{silent.LocalEndPoint}");
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.Equal("work", await client.GetStringAsync(new Uri("/orders/7", UriKind.Relative)));

        var started = Stopwatch.GetTimestamp();
        await app.StopAsync();
        await app.DisposeAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("parentbased_always_on")]
    public async Task Records_a_failure_that_its_caller_does_not_sample(string sampler)
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectorAsync(received);
        await using (var app = await ServiceAsync(collector.Urls.Single(), sampler))
        {
            using var handler = new SocketsHttpHandler { ActivityHeadersPropagator = null };
            using var client = new HttpClient(handler) { BaseAddress = new Uri(app.Urls.Single()) };
            await SendAsync(client, "/orders/sampled", "00-11111111111111111111111111111111-1111111111111111-01");
            await SendAsync(client, "/orders/unsampled", "00-22222222222222222222222222222222-2222222222222222-00");
            await SendAsync(client, "/broken", "00-33333333333333333333333333333333-3333333333333333-00");
            await SendAsync(client, "/thrown", "00-44444444444444444444444444444444-4444444444444444-00");
            await app.StopAsync();
        }

        var traces = received["/v1/traces"];
        Assert.Contains("/orders/sampled", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("/orders/unsampled", traces, StringComparison.Ordinal);
        Assert.Contains("GET /broken", traces, StringComparison.Ordinal);
        Assert.Contains("GET /thrown", traces, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException", traces, StringComparison.Ordinal);
        Assert.Contains("url.path", traces[traces.IndexOf("GET /broken", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_no_failure_for_a_sampler_that_is_off()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectorAsync(received);
        await using (var app = await ServiceAsync(collector.Urls.Single(), "always_off"))
        {
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            await SendAsync(client, "/broken", "00-33333333333333333333333333333333-3333333333333333-01");
            await app.StopAsync();
        }

        Assert.DoesNotContain("/v1/traces", received.Keys);
    }

    [Fact]
    public void Adds_no_telemetry_without_an_endpoint()
    {
        var builder = WebApplication.CreateSlimBuilder();

        builder.AddServiceDefaults();

        Assert.DoesNotContain(
            builder.Services,
            service => service.ServiceType.FullName!.StartsWith("OpenTelemetry", StringComparison.Ordinal));
    }

    [LoggerMessage(1, LogLevel.Information, "doing the work")]
    private static partial void LogWork(ILogger logger);

    private static async Task SendAsync(HttpClient client, string path, string traceParent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("traceparent", traceParent);
        using var response = await client.SendAsync(request);
    }

    private static async Task<WebApplication> ServiceAsync(string collector, string sampler = "always_on")
    {
        var builder = WebApplication.CreateSlimBuilder([
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector}",
            "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--OTEL_SERVICE_NAME=the-service",
            "--OTEL_RESOURCE_ATTRIBUTES=service.instance.id=the-instance",
            "--OTEL_EXPORTER_OTLP_HEADERS=x-otlp-api-key=the-key",
            $"--OTEL_TRACES_SAMPLER={sampler}"]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGet("/broken", () => Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/thrown", string () => throw new InvalidOperationException("thrown"));
        var orders = app.Services.GetRequiredService<IMeterFactory>().Create("FlaskStack.Orders").CreateCounter<long>("flaskstack.orders");
        app.MapGet("/orders/{id}", (HttpContext context) =>
        {
            orders.Add(1);
            LogWork(app.Logger);
            return context.Response.WriteAsync("work");
        });
        await app.StartAsync();
        return app;
    }

    private static async Task<WebApplication> CollectorAsync(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/v1/{signal}", async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (context.Request.Headers["x-otlp-api-key"] != "the-key")
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            // Strings stand in a protobuf message as they are.
            var text = Encoding.Latin1.GetString(body.ToArray());
            received.AddOrUpdate(context.Request.Path, text, (_, before) => before + text);
        });
        await app.StartAsync();
        return app;
    }
}
