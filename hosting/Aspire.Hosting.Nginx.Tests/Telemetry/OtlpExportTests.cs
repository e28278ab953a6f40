using System.Diagnostics.Metrics;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>Sending to a receiver of the test, which may be away.</summary>
public sealed class OtlpExportTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static TheoryData<OtlpExportProtocol> Protocols() => [OtlpExportProtocol.Grpc, OtlpExportProtocol.HttpProtobuf];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Delivers_spans_logs_and_metrics(OtlpExportProtocol protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync(protocol);
        using var meter = new Meter("a.meter");
        using var other = new Meter("a.meter");
        var target = Target(receiver.Variables());
        await using var export = new OtlpExport(target, meter, TimeSpan.FromSeconds(1), new RecordingLogger(), TimeProvider.System);

        export.Send(Span(1));
        LogWarning(export.Logger);
        other.CreateCounter<long>("of.another.nginx").Add(1);
        meter.CreateCounter<long>("a.metric").Add(1);

        var (resource, span) = await receiver.Spans.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        Assert.Equal("span 1", span.Name);
        Assert.Equal(
            [("deployment.environment", "a test"), ("service.instance.id", "abcdefgh"), ("service.name", "nginx")],
            resource.Attributes.Select(attribute => (attribute.Key, attribute.Value.StringValue)).Order());
        Assert.Equal("Warning", (await receiver.Logs.Reader.ReadAsync().AsTask().WaitAsync(Deadline)).SeverityText);
        Assert.Equal("a.metric", Assert.Single(await receiver.NextMetricsAsync(metrics => metrics.Count > 0)).Name);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Delivers_later_what_a_receiver_that_was_away_missed(OtlpExportProtocol protocol)
    {
        var gone = await OtlpReceiver.StartAsync(protocol);
        await using var running = new RunningSender(gone.Variables());
        running.Sender.Add(Span(1));
        await gone.NextSpanAsync(_ => true);
        await gone.DisposeAsync();

        running.Sender.Add(Span(2));
        await running.Logger.NextAsync("cannot be delivered").WaitAsync(Deadline);
        await using var back = await OtlpReceiver.StartAsync(protocol, gone.Endpoint.Port);

        // A span whose acceptance was on its way when the receiver went may come twice.
        Assert.Equal("span 2", (await back.NextSpanAsync(span => span.Name != "span 1")).Name);
        await running.Logger.NextAsync("delivered again").WaitAsync(Deadline);
        Assert.DoesNotContain(running.Logger.Lines, line => line.Contains(OtlpReceiver.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sends_the_newest_where_there_are_more_than_it_holds()
    {
        await using var receiver = await OtlpReceiver.StartAsync(OtlpExportProtocol.HttpProtobuf);
        await using var sender = new SpanSender(Target(receiver.Variables()), new RecordingLogger(), TimeProvider.System);
        for (var number = 0; number < SpanSender.Capacity + 100; number++)
        {
            sender.Add(Span(number));
        }

        Assert.True(await sender.FlushAsync(CancellationToken.None));

        Assert.Equal(SpanSender.Capacity, receiver.Spans.Reader.Count);
        Assert.Equal("span 100", (await receiver.NextSpanAsync(_ => true)).Name);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Says_that_the_key_is_wrong_without_showing_it(OtlpExportProtocol protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync(protocol);
        await using var running = new RunningSender(receiver.Variables("not-the-key"));

        running.Sender.Add(Span(1));

        var line = await running.Logger.NextAsync("rejects").WaitAsync(Deadline);
        Assert.Contains("the key in OTEL_EXPORTER_OTLP_HEADERS is not the receiver's", line, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-key", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keeps_what_is_no_answer_of_a_receiver_for_later()
    {
        await using var receiver = await OtlpReceiver.StartAsync(OtlpExportProtocol.HttpProtobuf);
        var variables = receiver.Variables();
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
        await using var sender = new SpanSender(Target(variables), new RecordingLogger(), TimeProvider.System);
        sender.Add(Span(1));

        Assert.False(await sender.FlushAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Ends_within_seconds_though_the_receiver_does_not_answer()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var variables = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{silent.LocalEndpoint}" };
        using var meter = new Meter("a.meter");
        var export = new OtlpExport(Target(variables), meter, TimeSpan.FromSeconds(1), new RecordingLogger(), TimeProvider.System);
        export.Send(Span(1));
        LogWarning(export.Logger);
        meter.CreateCounter<long>("a.metric").Add(1);

        var start = TimeProvider.System.GetTimestamp();
        await export.DisposeAsync();

        // Each of its exporters would wait 10 s.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData("http/json", "http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_PROTOCOL is http/json; use grpc or http/protobuf.")]
    [InlineData("grpc", "nowhere", "OTEL_EXPORTER_OTLP_ENDPOINT is no http or https URL.")]
    public void Says_what_is_wrong_with_a_receiver(string protocol, string endpoint, string expected)
    {
        var variables = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint,
        };

        Assert.Null(OtlpTarget.Read(variables, "nginx", out var problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void Has_no_target_without_a_receiver()
    {
        Assert.Null(OtlpTarget.Read(new Dictionary<string, string> { ["OTEL_SERVICE_NAME"] = "nginx" }, "nginx", out var problem));
        Assert.Null(problem);
    }

    private static void LogWarning(ILogger logger) => logger.Log(LogLevel.Warning, default, 0, null, (_, _) => "a warning");

    private static Span Span(int number) => new() { Name = $"span {number}", TraceId = ByteString.CopyFrom(new byte[16]) };

    private static OtlpTarget Target(Dictionary<string, string> variables) => OtlpTarget.Read(variables, "nginx", out _)!;

    private sealed class RunningSender : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _running;

        public RunningSender(Dictionary<string, string> variables)
        {
            Sender = new(Target(variables), Logger, TimeProvider.System);
            _running = Sender.RunAsync(_stopping.Token);
        }

        public RecordingLogger Logger { get; } = new();

        public SpanSender Sender { get; }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            await Sender.DisposeAsync();
            _stopping.Dispose();
        }
    }
}
