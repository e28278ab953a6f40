using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Aspire.Hosting.Grpc;

/// <summary>A method that can be called: where it is found, and how a call of it is answered.</summary>
internal sealed class GrpcMethod
{
    /// <summary>Messages a peer sends are small here; a longer one is a mistake or an attack. The same figure as gRPC's own default.</summary>
    public const int MaximumReceivedBytes = 4 * 1024 * 1024;

    private GrpcMethod(string service, string name, Func<HttpContext, CancellationToken, Task> answer)
    {
        Path = $"/{service}/{name}";
        AnswerAsync = answer;
    }

    /// <summary>Gets the path of the requests that call the method.</summary>
    public string Path { get; }

    /// <summary>Gets what answers a call. What it throws becomes the status of the call.</summary>
    public Func<HttpContext, CancellationToken, Task> AnswerAsync { get; }

    /// <summary>Makes a method that takes one message and answers with one.</summary>
    public static GrpcMethod Unary<TRequest, TResponse>(string service, string name, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => new(service, name, async (context, cancellationToken) =>
        {
            var request = await Reader(context, parser).ReadOnlyAsync(cancellationToken).ConfigureAwait(false);
            var response = await handler(request, cancellationToken).ConfigureAwait(false);
            await Writer<TResponse>(context).WriteAsync(response, cancellationToken).ConfigureAwait(false);
        });

    /// <summary>Makes a method that takes one message and answers with any number of them.</summary>
    public static GrpcMethod ServerStreaming<TRequest, TResponse>(string service, string name, MessageParser<TRequest> parser, Func<TRequest, GrpcMessageWriter<TResponse>, CancellationToken, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => new(service, name, async (context, cancellationToken) =>
        {
            var request = await Reader(context, parser).ReadOnlyAsync(cancellationToken).ConfigureAwait(false);
            var writer = Writer<TResponse>(context);
            await writer.StartAsync(cancellationToken).ConfigureAwait(false);
            await handler(request, writer, cancellationToken).ConfigureAwait(false);
        });

    /// <summary>
    /// Makes a method with messages in both directions, each at its own pace. It calls
    /// <see cref="GrpcMessageWriter{T}.StartAsync"/> itself, when it is ready for what its caller does next.
    /// </summary>
    public static GrpcMethod Duplex<TRequest, TResponse>(string service, string name, MessageParser<TRequest> parser, Func<GrpcMessageReader<TRequest>, GrpcMessageWriter<TResponse>, CancellationToken, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => new(service, name, (context, cancellationToken) => handler(Reader(context, parser), Writer<TResponse>(context), cancellationToken));

    private static GrpcMessageReader<T> Reader<T>(HttpContext context, MessageParser<T> parser)
        where T : class, IMessage<T>
        => new(context.Request.BodyReader, parser, MaximumReceivedBytes);

    private static GrpcMessageWriter<T> Writer<T>(HttpContext context)
        where T : class, IMessage<T>
        => new(context.Response.BodyWriter);
}
