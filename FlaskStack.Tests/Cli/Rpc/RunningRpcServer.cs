using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aspire.Hosting.Cli.Rpc;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli.Rpc;

/// <summary>A server on a socket of the test's own.</summary>
internal sealed class RunningRpcServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RpcServer _server;

    public RunningRpcServer(RpcLimits limits, params RpcMethod[] methods)
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        _server = new RpcServer(Path, () => methods, json, limits, TimeProvider.System, Log);
        _server.Start();
    }

    public RunningRpcServer(params RpcMethod[] methods)
        : this(new RpcLimits(), methods)
    {
    }

    public string Path => _folder["socket"];

    public RecordingLogger<RpcServer> Log { get; } = new();

    public RpcPeer Connect() => new(Path);

    public ValueTask StopAsync() => _server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
