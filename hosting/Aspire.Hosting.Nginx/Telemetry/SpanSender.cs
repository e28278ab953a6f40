using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>
/// Sends spans to a receiver every second, the newest where there are more than it takes. The SDK's exporter cannot: its spans choose
/// their ids themselves, and nginx has sent its own to the resources behind it.
/// </summary>
internal sealed class SpanSender : IAsyncDisposable
{
    /// <summary>How many spans wait at most.</summary>
    public const int Capacity = 4096;

    private const int BatchSize = 512;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private readonly OtlpTarget _target;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly SpanClient _client;
    private readonly Channel<Span> _spans;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private List<Span> _batch = [];
    private long _dropped;
    private bool _isFailing;
    private bool _wasRejected;

    public SpanSender(OtlpTarget target, ILogger logger, TimeProvider timeProvider)
    {
        (_target, _logger, _timeProvider) = (target, logger, timeProvider);
        _client = new(target);
        _spans = Channel.CreateBounded<Span>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _dropped));
    }

    /// <summary>Takes a span to send, at once.</summary>
    public void Add(Span span) => _spans.Writer.TryWrite(span);

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = Interval;
        while (true)
        {
            await Task.Delay(pause, _timeProvider, cancellationToken).ConfigureAwait(false);
            pause = await FlushAsync(cancellationToken).ConfigureAwait(false)
                ? Interval
                : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }
    }

    /// <summary>Sends what there is, until the receiver does not take it; then the batch is kept for the next time.</summary>
    /// <returns>Whether the receiver is there.</returns>
    public async Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (FillBatch())
            {
                var delivery = await _client.SendAsync(_batch, cancellationToken).ConfigureAwait(false);
                Report(delivery);
                if (delivery.Outcome == DeliveryOutcome.TryAgain)
                {
                    return false;
                }

                _batch = [];
            }

            return true;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        _client.Dispose();
        _oneAtATime.Dispose();
    }

    private bool FillBatch()
    {
        while (_batch.Count < BatchSize && _spans.Reader.TryRead(out var span))
        {
            _batch.Add(span);
        }

        return _batch.Count > 0;
    }

    private void Report(Delivery delivery)
    {
        var isFailing = delivery.Outcome == DeliveryOutcome.TryAgain;
        if (isFailing && !_isFailing)
        {
            Log.NotDelivered(_logger, _target.Endpoint, delivery.Problem!);
        }
        else if (!isFailing && _isFailing)
        {
            var dropped = Interlocked.Read(ref _dropped);
            Log.DeliveredAgain(_logger, dropped);
        }

        _isFailing = isFailing;
        if (delivery.Outcome == DeliveryOutcome.Rejected && !_wasRejected)
        {
            _wasRejected = true;
            Log.Rejected(_logger, _target.Endpoint, delivery.Problem!);
        }
    }
}

/// <summary>What became of a batch of spans.</summary>
/// <param name="Outcome">Whether it arrived, and whether to send it again.</param>
/// <param name="Problem">What went wrong, in one sentence without any key, or null.</param>
internal readonly record struct Delivery(DeliveryOutcome Outcome, string? Problem = null);

/// <summary>Whether a batch of spans arrived.</summary>
internal enum DeliveryOutcome
{
    Accepted,

    /// <summary>The receiver is away or busy: the same batch may be accepted later.</summary>
    TryAgain,

    /// <summary>The same batch would be rejected again.</summary>
    Rejected,
}

/// <summary>Sends spans to an OTLP receiver, over gRPC or over HTTP.</summary>
internal sealed class SpanClient : IDisposable
{
    private const string WrongKey = ": the key in OTEL_EXPORTER_OTLP_HEADERS is not the receiver's.";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly OtlpTarget _target;
    private readonly Resource _resource = new();
    private readonly HttpClient _http;
    private readonly GrpcChannel? _channel;

    public SpanClient(OtlpTarget target)
    {
        _target = target;
        foreach (var (key, value) in target.Attributes)
        {
            _resource.Attributes.With(key, value.ToString());
        }

        _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(2) })
        {
            Timeout = Timeout,
        };
        _channel = target.Protocol == OtlpExportProtocol.Grpc
            ? GrpcChannel.ForAddress(target.Endpoint, new() { HttpClient = _http })
            : null;
    }

    /// <summary>Sends spans and reads what the receiver says to them.</summary>
    public Task<Delivery> SendAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken)
    {
        var scope = new ScopeSpans { Scope = new() { Name = RequestMetrics.MeterName }, Spans = { spans } };
        var request = new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { Resource = _resource, ScopeSpans = { scope } } },
        };
        return _channel is null ? PostAsync(request, cancellationToken) : CallAsync(_channel, request, cancellationToken);
    }

    public void Dispose()
    {
        _channel?.Dispose();
        _http.Dispose();
    }

    private async Task<Delivery> CallAsync(GrpcChannel channel, ExportTraceServiceRequest request, CancellationToken cancellationToken)
    {
        var headers = new Metadata();
        foreach (var (name, value) in _target.HeaderPairs())
        {
            headers.Add(name, value);
        }

        try
        {
            using var call = new TraceService.TraceServiceClient(channel)
                .ExportAsync(request, headers, DateTime.UtcNow + Timeout, cancellationToken);
            await call.ResponseAsync.ConfigureAwait(false);
            return new(DeliveryOutcome.Accepted);
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return OfStatus(exception.Status);
        }
    }

    private async Task<Delivery> PostAsync(ExportTraceServiceRequest message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _target.HttpUrl("traces"))
        {
            Content = new ByteArrayContent(message.ToByteArray()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        foreach (var (name, value) in _target.HeaderPairs())
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return OfStatus(response.StatusCode);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new(DeliveryOutcome.TryAgain, Sentence(exception.Message));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(DeliveryOutcome.TryAgain, "It does not answer in time.");
        }
    }

    /// <summary>OTLP names the codes for which to send again.</summary>
    private static Delivery OfStatus(Grpc.Core.Status status) => status.StatusCode switch
    {
        StatusCode.DeadlineExceeded => new(DeliveryOutcome.TryAgain, "It does not answer in time."),
        _ when status.DebugException is HttpRequestException or IOException =>
            new(DeliveryOutcome.TryAgain, Sentence(status.DebugException.Message)),
        StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.ResourceExhausted
            or StatusCode.Aborted or StatusCode.OutOfRange or StatusCode.DataLoss =>
            new(DeliveryOutcome.TryAgain, $"It answers with the gRPC status {status.StatusCode}."),
        StatusCode.Unauthenticated or StatusCode.PermissionDenied =>
            new(DeliveryOutcome.Rejected, $"It answers with the gRPC status {status.StatusCode}{WrongKey}"),
        _ => new(DeliveryOutcome.Rejected, $"It answers with the gRPC status {status.StatusCode}."),
    };

    private static Delivery OfStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.NoContent => new(DeliveryOutcome.Accepted),
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
            new(DeliveryOutcome.TryAgain, $"It answers with the status {(int)status}."),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            new(DeliveryOutcome.Rejected, $"It answers with the status {(int)status}{WrongKey}"),
        _ => new(DeliveryOutcome.Rejected, $"It answers with the status {(int)status}."),
    };

    private static string Sentence(string message) => message.EndsWith('.') ? message : message + ".";
}
