using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace FlaskStack.ServiceDefaults;

/// <summary>
/// Answers a request that Kestrel refuses before the service sees it with problem details (RFC 9457). Kestrel itself answers with a status
/// and no body.
/// </summary>
/// <remarks>
/// Kestrel has no hook for that answer. It reports the refusal as a diagnostic event, and then writes to the connection, so the answer is
/// replaced there. Connections with TLS, and requests over HTTP/2, keep Kestrel's own.
/// </remarks>
internal sealed class RefusedRequests : IObserver<KeyValuePair<string, object?>>
{
    private const string RefusedEvent = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    /// <summary>Follows the refusals of the server.</summary>
    public static void Observe(DiagnosticListener server) => server.Subscribe(new RefusedRequests(), static name => name == RefusedEvent);

    /// <summary>Makes a connection able to replace the answer.</summary>
    public static async Task ConnectAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = connection.Transport;
        var output = new ReplaceableOutput(transport.Output);
        connection.Features.Set(output);
        connection.Transport = new Duplex(transport.Input, output);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is IFeatureCollection features
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException refusal
            && features.Get<IHttpResponseFeature>() is { HasStarted: false } response
            && features.Get<IHttpRequestFeature>() is { } request
            && !HttpMethods.IsHead(request.Method)
            && !HttpProtocol.IsHttp2(request.Protocol)
            && !HttpProtocol.IsHttp3(request.Protocol)
            && features.Get<ITlsHandshakeFeature>() is null
            && features.Get<ReplaceableOutput>() is { } output)
        {
            output.Replace(Answer(refusal, response.Headers.Allow, features.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private static byte[] Answer(BadHttpRequestException refusal, StringValues allow, string? traceId)
    {
        var reason = ReasonPhrases.GetReasonPhrase(refusal.StatusCode);
        var status = refusal.StatusCode.ToString(CultureInfo.InvariantCulture);
        var detail = Json(refusal.Message);
        var body = $$"""
            {"type":"about:blank","title":"{{reason}}","status":{{status}},"detail":"{{detail}}","traceId":"{{Json(traceId)}}"}
            """;
        var allowed = allow.Count > 0 ? $"Allow: {allow}\r\n" : "";
        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status} {reason}\r\nContent-Type: application/problem+json\r\nContent-Length: {body.Length}\r\n{allowed}"
            + $"Date: {DateTimeOffset.UtcNow:R}\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
            + $"\r\n{body}");
    }

    private static string Json(string? text) => JsonEncodedText.Encode(text ?? "").ToString();

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>The output of a connection, whose last answer can be replaced before it is written.</summary>
    private sealed class ReplaceableOutput(PipeWriter inner) : PipeWriter
    {
        private byte[]? _ignored;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        /// <summary>Writes an answer, and ignores everything that the server writes after it.</summary>
        public void Replace(byte[] answer)
        {
            if (_ignored is null)
            {
                inner.Write(answer);
                _ignored = new byte[4096];
            }
        }

        public override void Advance(int bytes)
        {
            if (_ignored is null)
            {
                inner.Advance(bytes);
            }
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _ignored is null ? inner.GetMemory(sizeHint) : Ignored(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _ignored is null ? inner.GetSpan(sizeHint) : Ignored(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

        private byte[] Ignored(int sizeHint) => _ignored!.Length >= sizeHint ? _ignored : _ignored = new byte[sizeHint];
    }
}
