using System.Net;
using System.Threading.Channels;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using ExportLogs = Aspire.Hosting.Nginx.Tests.Telemetry.Received.ExportLogsServiceRequest;
using ExportMetrics = Aspire.Hosting.Nginx.Tests.Telemetry.Received.ExportMetricsServiceRequest;
using LogRecord = Aspire.Hosting.Nginx.Tests.Telemetry.Received.LogRecord;
using Metric = Aspire.Hosting.Nginx.Tests.Telemetry.Received.Metric;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>Takes OTLP over gRPC or over HTTP, as a dashboard does, from those who know its key.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    public const string Key = "secret-of-the-receiver";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly WebApplication _application;

    private OtlpReceiver(WebApplication application, OtlpExportProtocol protocol) => (_application, Protocol) = (application, protocol);

    public OtlpExportProtocol Protocol { get; }

    public Uri Endpoint { get; private set; } = new("http://127.0.0.1");

    public Channel<(Resource Resource, Span Span)> Spans { get; } = Channel.CreateUnbounded<(Resource, Span)>();

    public Channel<LogRecord> Logs { get; } = Channel.CreateUnbounded<LogRecord>();

    public Channel<IReadOnlyList<Metric>> Metrics { get; } = Channel.CreateUnbounded<IReadOnlyList<Metric>>();

    public static async Task<OtlpReceiver> StartAsync(OtlpExportProtocol protocol, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback,
            port,
            listen => listen.Protocols = protocol == OtlpExportProtocol.Grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var application = builder.Build();
        var receiver = new OtlpReceiver(application, protocol);
        application.Run(receiver.TakeAsync);
        await application.StartAsync();
        var features = application.Services.GetRequiredService<IServer>().Features;
        receiver.Endpoint = new(features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return receiver;
    }

    /// <summary>The variables that say where the receiver is.</summary>
    public Dictionary<string, string> Variables(string key = Key) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = Protocol == OtlpExportProtocol.Grpc ? "grpc" : "http/protobuf",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}",
        ["OTEL_SERVICE_NAME"] = "nginx",
        ["OTEL_RESOURCE_ATTRIBUTES"] = "service.instance.id=abcdefgh,deployment.environment=a%20test",
    };

    public async Task<Span> NextSpanAsync(Func<Span, bool> isWanted)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (true)
        {
            var (_, span) = await Spans.Reader.ReadAsync(deadline.Token);
            if (isWanted(span))
            {
                return span;
            }
        }
    }

    public async Task<IReadOnlyList<Metric>> NextMetricsAsync(Func<IReadOnlyList<Metric>, bool> isWanted)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (true)
        {
            var metrics = await Metrics.Reader.ReadAsync(deadline.Token);
            if (isWanted(metrics))
            {
                return metrics;
            }
        }
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        if (context.Request.Headers["x-otlp-api-key"] != Key)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var isGrpc = context.Request.ContentType == "application/grpc";
        Take(context.Request.Path, isGrpc ? Unframe(body.ToArray()) : body.ToArray());
        if (isGrpc)
        {
            Assert.Equal("trailers", context.Request.Headers.TE);
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }

    private static byte[] Unframe(byte[] frame)
    {
        Assert.Equal(0, frame[0]);
        Assert.Equal(frame.Length - 5, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(1)));
        return frame[5..];
    }

    private void Take(string path, byte[] message)
    {
        switch (path)
        {
            case "/v1/traces" or "/opentelemetry.proto.collector.trace.v1.TraceService/Export":
                foreach (var spans in ExportTraceServiceRequest.Parser.ParseFrom(message).ResourceSpans)
                {
                    foreach (var span in spans.ScopeSpans.SelectMany(scope => scope.Spans))
                    {
                        Spans.Writer.TryWrite((spans.Resource, span));
                    }
                }

                break;
            case "/v1/logs" or "/opentelemetry.proto.collector.logs.v1.LogsService/Export":
                ExportLogs.Parser.ParseFrom(message).ResourceLogs
                    .SelectMany(logs => logs.ScopeLogs)
                    .SelectMany(scope => scope.LogRecords)
                    .ToList()
                    .ForEach(record => Logs.Writer.TryWrite(record));
                break;
            case "/v1/metrics" or "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export":
                var metrics = ExportMetrics.Parser.ParseFrom(message).ResourceMetrics.SelectMany(metrics => metrics.ScopeMetrics);
                Metrics.Writer.TryWrite([.. metrics.SelectMany(scope => scope.Metrics)]);
                break;
            default:
                Assert.Fail($"Nobody sends to {path}.");
                break;
        }
    }
}
