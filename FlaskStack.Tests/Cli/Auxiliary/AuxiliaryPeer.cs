using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Cli;
using Aspire.Hosting.Cli.Auxiliary;
using Aspire.Hosting.Cli.Rpc;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Orchestration.Processes;
using FlaskStack.Tests.Cli.Rpc;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.Configuration;

namespace FlaskStack.Tests.Cli.Auxiliary;

/// <summary>The auxiliary channel over an app model without a host, and a client of it.</summary>
internal sealed class AuxiliaryPeer : IAsyncDisposable
{
    public const string AppHostPath = "/home/me/stack/Stack.AppHost.csproj";

    private readonly TemporaryFolder _folder = new();
    private readonly RpcServer _server;

    public AuxiliaryPeer(params IResource[] resources)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("AppHost:FilePath", AppHostPath)]).Build();
        var methods = new AuxiliaryMethods(
            new AppHostDescription(configuration, new RunIdentity()),
            new DashboardAnswers(new DashboardStatus(settings: null), TimeProvider.System),
            new DistributedApplicationModel(new ResourceCollection([.. resources])),
            Model.Notifications,
            Model.Logs,
            Model.Commands,
            Model.Lifetime,
            TimeProvider.System,
            Model.Services,
            new RecordingLogger<Aspire.Hosting.DistributedApplication>());
        _server = new RpcServer(_folder["socket"], methods.Create, CliJson.Default.Options, new RpcLimits(), TimeProvider.System, new RecordingLogger<RpcServer>());
        _server.Start();
        Client = Connect();
    }

    public ModelFixture Model { get; } = new();

    public RpcPeer Client { get; }

    public RpcPeer Connect() => new(_folder["socket"]);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
        Model.Dispose();
    }
}
