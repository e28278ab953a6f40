using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using FlaskStack.Tests.Hosting.ApplicationModel;
using FlaskStack.Tests.Hosting.Grpc;
using FlaskStack.Tests.Hosting.Processes;
using Google.Protobuf;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;

namespace FlaskStack.Tests.Hosting.Dashboard.ResourceService;

/// <summary>The resource service over an app model without processes, and a peer that calls it as a dashboard does.</summary>
internal sealed class RunningResourceService : IAsyncDisposable
{
    public const string Key = "0123456789abcdef0123456789abcdef";

    private readonly ResourceServiceHost _host;

    private RunningResourceService(ModelFixture model, ResourceServiceHost host, RecordingLogger<ResourceServiceHost> logger, Uri address)
    {
        Model = model;
        _host = host;
        Logger = logger;
        Address = address;
        Peer = new GrpcPeer(address) { Headers = { [ApiKeyCheck.Header] = Key } };
    }

    public ModelFixture Model { get; }

    public RecordingLogger<ResourceServiceHost> Logger { get; }

    public Uri Address { get; }

    public GrpcPeer Peer { get; }

    public static Task<RunningResourceService> StartAsync() => StartAsync(new ResourceServiceSettings(ListenUrl: null, Key));

    public static async Task<RunningResourceService> StartAsync(ResourceServiceSettings settings, string applicationName = "Shop.AppHost")
    {
        var model = new ModelFixture();
        var logger = new RecordingLogger<ResourceServiceHost>();
        var environment = new HostingEnvironment { ApplicationName = applicationName };
        var host = new ResourceServiceHost(settings, new ConfigurationBuilder().Build(), environment, model.Notifications, model.Logs, model.Commands, TimeProvider.System, logger);
        return new RunningResourceService(model, host, logger, await host.StartAsync(CancellationToken.None));
    }

    public Task<GrpcReply<ApplicationInformationResponse>> GetInformationAsync()
        => OpenAsync("GetApplicationInformation", new ApplicationInformationRequest(), ApplicationInformationResponse.Parser);

    public Task<GrpcReply<WatchResourcesUpdate>> WatchAsync() => OpenAsync("WatchResources", new WatchResourcesRequest(), WatchResourcesUpdate.Parser);

    public Task<GrpcReply<WatchResourceConsoleLogsUpdate>> WatchLogsAsync(string resource, bool follow = true)
        => OpenAsync("WatchResourceConsoleLogs", new WatchResourceConsoleLogsRequest { ResourceName = resource, SuppressFollow = !follow }, WatchResourceConsoleLogsUpdate.Parser);

    public async Task<ResourceCommandResponse> ExecuteAsync(ResourceCommandRequest request)
    {
        using var reply = await OpenAsync("ExecuteResourceCommand", request, ResourceCommandResponse.Parser);
        return await reply.OnlyAsync();
    }

    public Task<GrpcReply<T>> OpenAsync<T>(string method, IMessage request, MessageParser<T> parser, CancellationToken cancellationToken = default)
        where T : class, IMessage<T>
        => Peer.OpenAsync($"/aspire.v1.DashboardService/{method}", request, parser, cancellationToken);

    public Task<GrpcReply<WatchInteractionsResponseUpdate>> WatchInteractionsAsync(RequestStream body)
        => Peer.OpenAsync("/aspire.v1.DashboardService/WatchInteractions", body, WatchInteractionsResponseUpdate.Parser);

    public Task StopAsync() => _host.DisposeAsync().AsTask().InTime();

    public async ValueTask DisposeAsync()
    {
        Peer.Dispose();
        await _host.DisposeAsync();
        Model.Dispose();
    }

    /// <summary>Gives a resource its rows before anything is known of them, as the orchestrator does.</summary>
    public static SampleResource Replicated(string name, params string[] replicas)
        => new SampleResource(name).With(new ResourceInstancesAnnotation([name, .. replicas]));
}
