using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Cli.Primary.Messages;
using Aspire.Hosting.Cli.Rpc;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing.Progress;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Cli.Primary;

/// <summary>What the CLI that started this AppHost asks of it: <c>aspire run</c> and <c>start</c>, and <c>aspire publish</c> and its kin.</summary>
internal sealed class PrimaryMethods(AppHostLog log, ResourceNotificationService notifications, IHostApplicationLifetime lifetime, IServiceProvider services)
{
    private const int LinesAtOnce = 100;
    private static readonly string[] Capabilities = ["baseline.v2", "pipeline-steps.v1", "pipeline-steps.v2"];

    private readonly PublishProgress? _progress = services.GetService<PublishProgress>();
    private readonly PipelineExecutor? _pipeline = services.GetService<PipelineExecutor>();
    private readonly DashboardAnswers? _dashboard = services.GetService<DashboardAnswers>();

    /// <summary>The methods for one client.</summary>
    public IEnumerable<RpcMethod> Create() =>
    [
        RpcMethod.Immediate("GetCapabilitiesAsync", static _ => Capabilities),
        RpcMethod.Immediate("GetAppHostLogEntriesAsync", _ => new RpcStream(log.ReadAllAsync(), LinesAtOnce)),
        new("GetDashboardUrlsAsync", async (_, cancelled) => await GetDashboardUrlsAsync(cancelled).ConfigureAwait(false)),
        RpcMethod.Immediate("NotifyAppHostReadyAsync", static _ => null),
        RpcMethod.Immediate("GetResourceStatesAsync", _ => new RpcStream(WatchStatesAsync())),
        RpcMethod.Immediate("GetPublishingActivitiesAsync", _ => new RpcStream(ReadActivitiesAsync(), LinesAtOnce)),
        new("GetPipelineStepsAsync", async (call, cancelled) => await ListStepsAsync(call.Get<PipelineStepsRequest>(0)?.Step, cancelled).ConfigureAwait(false)),
        RpcMethod.Immediate("RequestStopAsync", _ => Stop()),
    ];

    private Task<DashboardUrls> GetDashboardUrlsAsync(CancellationToken cancellationToken) =>
        _dashboard?.WaitForUrlsAsync(cancellationToken) ?? Task.FromResult(new DashboardUrls(DashboardHealthy: false, BaseUrlWithLoginToken: null));

    private async IAsyncEnumerable<ResourceStateEntry> WatchStatesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var row in notifications.WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!row.Snapshot.IsHidden)
            {
                yield return ToMessage(row);
            }
        }
    }

    private async IAsyncEnumerable<PublishingActivity> ReadActivitiesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (_progress is null)
        {
            yield break;
        }

        var hasResult = false;
        var isFailureTold = false;
        try
        {
            await foreach (var activity in _progress.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                hasResult = activity is PublishResult;
                isFailureTold |= activity is PublishStep { State: PublishState.CompletedWithError };
                foreach (var message in isFailureTold ? [PublishingConversion.ToMessage(activity)] : PublishingConversion.ToMessages(activity))
                {
                    yield return message;
                }
            }
        }
        finally
        {
            if (!hasResult)
            {
                // The client left early: nobody will ask this process to stop.
                _progress.Release();
            }
        }
    }

    private async Task<PipelineStepsAnswer> ListStepsAsync(string? step, CancellationToken cancellationToken)
    {
        var steps = _pipeline is null ? [] : await _pipeline.ListAsync(step, cancellationToken).ConfigureAwait(false);
        return new([.. steps.Select(static listed => new PipelineStepEntry(
            listed.Step.Name, listed.Step.Description, [.. listed.DependsOn], [.. listed.Step.Tags], listed.Step.Resource?.Name))]);
    }

    /// <summary>Not on this thread: what ends with the application is not to hold up the answer.</summary>
    private object? Stop()
    {
        _progress?.Release();
        _ = Task.Run(lifetime.StopApplication);
        return null;
    }

    private static ResourceStateEntry ToMessage(ResourceEvent row) => new(
        row.ResourceId,
        row.Snapshot.ResourceType,
        row.Snapshot.State?.Text ?? "Unknown",
        [.. row.Snapshot.Urls.OrEmpty().Where(static url => !url.IsInactive).Select(static url => url.Url)],
        row.Snapshot.HealthStatus?.ToString());
}
