using Aspire.Hosting.Cli;
using Aspire.Hosting.Cli.Primary;
using Aspire.Hosting.Cli.Rpc;
using Aspire.Hosting.Publishing.Progress;
using FlaskStack.Tests.Cli.Rpc;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.Tests.Cli.Primary;

/// <summary>The primary channel over an app model without a host, and a client of it.</summary>
internal sealed class PrimaryPeer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RpcServer _server;

    public PrimaryPeer()
    {
        Model = new ModelFixture(configure: services => services.AddSingleton(Progress));
        var methods = new PrimaryMethods(Log, Model.Notifications, Model.Lifetime, Model.Services);
        _server = new RpcServer(_folder["socket"], methods.Create, CliJson.Default.Options, new RpcLimits(), TimeProvider.System, new RecordingLogger<RpcServer>());
        _server.Start();
        Client = new RpcPeer(_folder["socket"]);
    }

    public ModelFixture Model { get; }

    public AppHostLog Log { get; } = new(new FixedClock(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero)));

    public PublishProgress Progress { get; } = new(TimeProvider.System);

    public RpcPeer Client { get; }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        Log.Dispose();
        _folder.Dispose();
        Model.Dispose();
    }
}
