using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Google.Protobuf;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>Sending to a receiver of the test, which may be away.</summary>
public sealed class OtlpExporterTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static TheoryData<int> Transports() => [(int)OtlpTransport.Grpc, (int)OtlpTransport.HttpProtobuf];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Delivers_spans_logs_and_metrics(int transport)
    {
        await using var receiver = await OtlpReceiver.StartAsync((OtlpTransport)transport);
        await using var running = new RunningExporter(receiver.Variables());

        running.Exporter.Spans.Add(Span(1));
        running.Exporter.Logs.Add(new LogRecord { SeverityText = "warn" });

        var (source, span) = await receiver.Spans.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        Assert.Equal("span 1", span.Name);
        Assert.Equal(
            [("service.name", "nginx"), ("service.instance.id", "abcdefgh"), ("deployment.environment", "a test")],
            source.Attributes.Select(attribute => (attribute.Key, attribute.Value.StringValue)));
        Assert.Equal("warn", (await receiver.Logs.Reader.ReadAsync().AsTask().WaitAsync(Deadline)).SeverityText);
        Assert.Equal("a.metric", Assert.Single(await receiver.Metrics.Reader.ReadAsync().AsTask().WaitAsync(Deadline)).Name);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Delivers_later_what_a_receiver_that_was_away_missed(int transport)
    {
        var gone = await OtlpReceiver.StartAsync((OtlpTransport)transport);
        await using var running = new RunningExporter(gone.Variables());
        running.Exporter.Spans.Add(Span(1));
        await gone.NextSpanAsync(_ => true);
        await gone.DisposeAsync();

        running.Exporter.Spans.Add(Span(2));
        await running.Logger.NextAsync("cannot be delivered").WaitAsync(Deadline);
        await using var back = await OtlpReceiver.StartAsync((OtlpTransport)transport, gone.Endpoint.Port);

        // A span whose acceptance was on its way when the receiver went may come twice.
        Assert.Equal("span 2", (await back.NextSpanAsync(span => span.Name != "span 1")).Name);
        await running.Logger.NextAsync("delivered again").WaitAsync(Deadline);
        Assert.DoesNotContain(running.Logger.Lines, line => line.Contains(OtlpReceiver.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keeps_the_newest_where_there_is_no_room_for_all()
    {
        await using var receiver = await OtlpReceiver.StartAsync(OtlpTransport.HttpProtobuf);
        var queue = new OtlpQueue<Span>(OtlpSignal.Traces, OtlpMessages.Of);
        for (var number = 0; number < OtlpQueue<Span>.Room + 100; number++)
        {
            queue.Add(Span(number));
        }

        using var client = new OtlpClient();
        var delivery = await queue.SendAsync(client, Target(receiver.Variables()), CancellationToken.None);

        Assert.Equal((OtlpOutcome.Accepted, 100), (delivery.Outcome, queue.Dropped));
        Assert.Equal(OtlpQueue<Span>.Room, receiver.Spans.Reader.Count);
        Assert.Equal("span 100", (await receiver.NextSpanAsync(_ => true)).Name);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Says_that_the_key_is_wrong_without_telling_it(int transport)
    {
        await using var receiver = await OtlpReceiver.StartAsync((OtlpTransport)transport);
        await using var running = new RunningExporter(receiver.Variables("not-the-key"));

        running.Exporter.Spans.Add(Span(1));

        var line = await running.Logger.NextAsync("rejects").WaitAsync(Deadline);
        Assert.Contains("the key in OTEL_EXPORTER_OTLP_HEADERS is not the receiver's", line, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-key", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tries_again_where_the_receiver_answers_without_a_status()
    {
        await using var receiver = await OtlpReceiver.StartAsync(OtlpTransport.HttpProtobuf);
        var variables = receiver.Variables();
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
        using var client = new OtlpClient();

        var delivery = await client.SendAsync(Target(variables), OtlpSignal.Traces, new ExportTraces(), CancellationToken.None);

        Assert.Equal(OtlpOutcome.TryAgain, delivery.Outcome);
    }

    [Theory]
    [InlineData("http/json", "http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_PROTOCOL is http/json; use grpc or http/protobuf.")]
    [InlineData("grpc", "nowhere", "OTEL_EXPORTER_OTLP_ENDPOINT is no http or https URL.")]
    public void Says_what_is_wrong_with_a_receiver(string protocol, string endpoint, string expected)
    {
        var variables = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol, ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint };

        Assert.Null(OtlpTarget.Read(variables, "nginx", out var problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void Has_no_target_without_a_receiver()
    {
        Assert.Null(OtlpTarget.Read(new Dictionary<string, string> { ["OTEL_SERVICE_NAME"] = "nginx" }, "nginx", out var problem));
        Assert.Null(problem);
    }

    private static Span Span(int number) => new() { Name = $"span {number}", TraceId = ByteString.CopyFrom(new byte[16]) };

    private static OtlpTarget Target(Dictionary<string, string> variables) => OtlpTarget.Read(variables, "nginx", out _)!;

    private sealed class RunningExporter : IAsyncDisposable
    {
        private readonly OtlpClient _client = new();
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _running;

        public RunningExporter(Dictionary<string, string> variables)
        {
            Exporter = new(_client, _ => Task.FromResult<IReadOnlyList<Metric>>([new() { Name = "a.metric" }]), TimeSpan.FromSeconds(1), Logger, TimeProvider.System)
            {
                Target = Target(variables),
            };
            _running = Exporter.RunAsync(_stopping.Token);
        }

        public RecordingLogger Logger { get; } = new();

        public OtlpExporter Exporter { get; }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            _client.Dispose();
            _stopping.Dispose();
        }
    }
}
