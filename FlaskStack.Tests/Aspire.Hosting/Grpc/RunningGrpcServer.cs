using System.Net;
using Aspire.Hosting.Grpc;
using FlaskStack.Tests.Hosting.Processes;
using Google.Protobuf.WellKnownTypes;

namespace FlaskStack.Tests.Hosting.Grpc;

/// <summary>A server with methods that do what a test needs, and a peer that calls it.</summary>
internal sealed class RunningGrpcServer : IAsyncDisposable
{
    public const string Service = "test.Service";

    private readonly GrpcServer _server;

    private RunningGrpcServer(GrpcServer server, IPEndPoint endpoint, RecordingLogger<GrpcServer> logger)
    {
        _server = server;
        Logger = logger;
        Peer = new GrpcPeer(new Uri($"http://{endpoint}"));
    }

    public GrpcPeer Peer { get; }

    public RecordingLogger<GrpcServer> Logger { get; }

    public static GrpcMethod Unary(Func<StringValue, CancellationToken, Task<StringValue>> handler) => GrpcMethod.Unary(Service, "Call", StringValue.Parser, handler);

    public static GrpcMethod Stream(Func<GrpcMessageWriter<StringValue>, CancellationToken, Task> handler)
        => GrpcMethod.ServerStreaming<StringValue, StringValue>(Service, "Call", StringValue.Parser, (_, writer, ended) => handler(writer, ended));

    public static async Task<RunningGrpcServer> StartAsync(GrpcMethod method, bool isAllowed = true)
    {
        var logger = new RecordingLogger<GrpcServer>();
        var server = new GrpcServer([method], _ => isAllowed, TimeProvider.System, logger);
        return new RunningGrpcServer(server, await server.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), CancellationToken.None), logger);
    }

    public static Task<RunningGrpcServer> StartEchoAsync() => StartAsync(Unary((request, _) => Task.FromResult(request)));

    public Task<GrpcReply<StringValue>> CallAsync(string text = "", CancellationToken cancellationToken = default)
        => Peer.OpenAsync($"/{Service}/Call", new StringValue { Value = text }, StringValue.Parser, cancellationToken);

    public Task<GrpcReply<StringValue>> CallAsync(RequestStream body) => Peer.OpenAsync($"/{Service}/Call", body, StringValue.Parser);

    public Task StopAsync() => _server.DisposeAsync().AsTask().InTime();

    public async ValueTask DisposeAsync()
    {
        Peer.Dispose();
        await _server.DisposeAsync();
    }
}
