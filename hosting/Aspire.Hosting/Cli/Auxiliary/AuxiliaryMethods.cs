using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Cli.Auxiliary.Messages;
using Aspire.Hosting.Cli.Rpc;
using Aspire.Hosting.Dashboard.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Cli.Auxiliary;

/// <summary>
/// What any CLI of this user may ask a running AppHost: <c>aspire ps</c>, <c>describe</c>, <c>logs</c>, <c>wait</c>, <c>resource</c>,
/// <c>otel</c>, <c>export</c> and <c>stop</c>.
/// </summary>
internal sealed class AuxiliaryMethods
{
    /// <summary>A client of this version takes details of rows as JSON.</summary>
    public const string JsonCapability = "aux.v3";

    private const int LinesAtOnce = 100;

    private static readonly CapabilitiesAnswer Capabilities = new(["aux.v1", "aux.v2", JsonCapability]);

    private readonly AppHostDescription _appHost;
    private readonly DashboardAnswers _dashboard;
    private readonly ResourceRows _rows;
    private readonly CommandAnswers _commands;
    private readonly WaitAnswers _waits;
    private readonly Func<ConsoleLogs> _createLogs;
    private readonly IHostApplicationLifetime _lifetime;

    public AuxiliaryMethods(
        AppHostDescription appHost,
        DashboardAnswers dashboard,
        DistributedApplicationModel model,
        ResourceNotificationService notifications,
        ResourceLoggerService logs,
        ResourceCommandService commands,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        IServiceProvider services,
        ILogger<DistributedApplication> logger)
    {
        _appHost = appHost;
        _dashboard = dashboard;
        _rows = new ResourceRows(model, notifications, new SecretValues(services.GetService<DashboardSettings>()?.Secrets), time, logger);
        _commands = new CommandAnswers(model, notifications, commands);
        _waits = new WaitAnswers(model, notifications, time);
        _createLogs = () => new ConsoleLogs(model, notifications, logs, time);
        _lifetime = lifetime;
    }

    /// <summary>The methods for one client.</summary>
    public IEnumerable<RpcMethod> Create() => [.. CreateForAppHost(), .. CreateForResources(), .. CreateForLogs(_createLogs())];

    private RpcMethod[] CreateForAppHost() =>
    [
        RpcMethod.Immediate("GetAppHostInformationAsync", _ => _appHost.ToInformation()),
        RpcMethod.Immediate("GetAppHostInfoAsync", _ => _appHost.ToInfo()),
        RpcMethod.Immediate("GetCapabilitiesAsync", static _ => Capabilities),
        RpcMethod.Immediate("GetDashboardMcpConnectionInfoAsync", static _ => null),
        new("GetDashboardUrlsAsync", async (_, cancelled) => await _dashboard.GetUrlsAsync(cancelled).ConfigureAwait(false)),
        new("GetDashboardInfoAsync", async (_, cancelled) => await _dashboard.GetInfoAsync(cancelled).ConfigureAwait(false)),
        new("WaitForAppHostReadyAsync", async (_, cancelled) => await WaitUntilStartedAsync(cancelled).ConfigureAwait(false)),
        RpcMethod.Immediate("StopAppHostAsync", _ => Stop(answer: null)),
        RpcMethod.Immediate("StopAsync", _ => Stop(new StopAnswer())),
    ];

    private RpcMethod[] CreateForResources() =>
    [
        RpcMethod.Immediate("GetResourcesAsync", call => new ResourcesAnswer(_rows.Get(call.Get<ResourcesRequest>(0) ?? new()))),
        RpcMethod.Immediate("WatchResourcesAsync", call => new RpcStream(_rows.WatchAsync(call.Get<ResourcesRequest>(0) ?? new()))),
        RpcMethod.Immediate("GetResourceSnapshotsAsync", _ => _rows.Get(new ResourcesRequest())),
        RpcMethod.Immediate("WatchResourceSnapshotsAsync", _ => new RpcStream(_rows.WatchAsync(new ResourcesRequest()))),
        new("ExecuteResourceCommandAsync", async (call, cancelled) => await _commands.ExecuteAsync(call.Require<CommandRequest>(0), cancelled).ConfigureAwait(false)),
        new("WaitForResourceAsync", async (call, cancelled) => await _waits.WaitAsync(call.Require<WaitRequest>(0), cancelled).ConfigureAwait(false)),
    ];

    private static RpcMethod[] CreateForLogs(ConsoleLogs logs) =>
    [
        RpcMethod.Immediate("GetConsoleLogBatchesAsync", call => new RpcStream(logs.ReadAsync(call.Require<ConsoleLogsRequest>(0)))),
        RpcMethod.Immediate("GetConsoleLogsAsync", call => new RpcStream(logs.ReadLinesAsync(call.Require<ConsoleLogsRequest>(0)), LinesAtOnce)),
        RpcMethod.Immediate("GetResourceLogsAsync", call => new RpcStream(
            logs.ReadLinesAsync(new ConsoleLogsRequest(call.Get<string>(0), call.Get<bool>(1), IncludeHidden: true)), LinesAtOnce)),
    ];

    private async Task<ReadyAnswer> WaitUntilStartedAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_lifetime.ApplicationStarted, _lifetime.ApplicationStopping, cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return new ReadyAnswer(!_lifetime.ApplicationStopping.IsCancellationRequested);
    }

    /// <summary>Not on this thread: what ends with the application is not to hold up the answer.</summary>
    private StopAnswer? Stop(StopAnswer? answer)
    {
        _ = Task.Run(_lifetime.StopApplication);
        return answer;
    }
}
