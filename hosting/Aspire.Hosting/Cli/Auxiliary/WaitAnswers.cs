using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Cli.Auxiliary.Messages;
using Aspire.Hosting.Cli.Rpc;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Cli.Auxiliary;

/// <summary>Waits for resources. Of one with replicas, the group's row tells how it fares.</summary>
internal sealed class WaitAnswers(DistributedApplicationModel model, ResourceNotificationService notifications, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <exception cref="RpcException">The request names no resource.</exception>
    public async Task<WaitAnswer> WaitAsync(WaitRequest request, CancellationToken cancellationToken)
    {
        if (request.ResourceName is not { Length: > 0 } name)
        {
            throw new RpcException(RpcErrorCode.InvalidParameters, "A wait needs the name of a resource.");
        }

        if (!IsKnown(name))
        {
            return new WaitAnswer(Success: false, ResourceNotFound: true, ErrorMessage: $"Resource '{name}' was not found.");
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Clamp(request.TimeoutSeconds, 0, Longest.TotalSeconds)), time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await WaitAsync(name, request.Status, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Describe(name) with
            {
                TimedOut = deadline.IsCancellationRequested,
                ErrorMessage = deadline.IsCancellationRequested ? $"Timed out waiting for resource '{name}'." : "The application is stopping.",
            };
        }
    }

    private Task<WaitAnswer> WaitAsync(string name, string? status, CancellationToken cancellationToken) => status switch
    {
        "healthy" => WaitForHealthyAsync(name, cancellationToken),
        "up" => WaitForAsync(name, "run", IsUp, cancellationToken),
        "down" => WaitForAsync(name, "end", IsDown, cancellationToken),
        _ => Task.FromResult(new WaitAnswer(Success: false, ErrorMessage: $"There is no status '{status}' to wait for: it is healthy, up or down.")),
    };

    private async Task<WaitAnswer> WaitForHealthyAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await WaitForAsync(
            name,
            "become healthy",
            static snapshot => snapshot is { HealthStatus: HealthStatus.Healthy, ResourceReady: not null } ? true : IsUp(snapshot) is false ? false : null,
            cancellationToken).ConfigureAwait(false);
        if (answer.Success && notifications.TryGetCurrentState(name, out var row))
        {
            await notifications.WaitForReadyEventsAsync(row.Resource, name, cancellationToken).ConfigureAwait(false);
        }

        return answer;
    }

    /// <param name="name">The row, or the resource.</param>
    /// <param name="goal">What it is to do.</param>
    /// <param name="judge">True when it has done so, false when it will not by itself, null while that is open.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task<WaitAnswer> WaitForAsync(string name, string goal, Func<CustomResourceSnapshot, bool?> judge, CancellationToken cancellationToken)
    {
        var row = await notifications.WaitAsync(
            name, change => judge(change.Snapshot) is not null, ResourceWaitScope.WholeResource, goal, notifications.Stopping, cancellationToken).ConfigureAwait(false);
        var answer = Describe(row);
        return judge(row.Snapshot) is true
            ? answer with { Success = true }
            : answer with { ErrorMessage = $"Resource '{name}' will not {goal}: its state is '{answer.State ?? "unknown"}'." };
    }

    private static bool? IsUp(CustomResourceSnapshot snapshot) =>
        snapshot.State.Is(KnownResourceStates.Running) ? true
        : snapshot.State.IsTerminal() || snapshot.State?.Style == KnownResourceStateStyles.Error ? false
        : null;

    private static bool? IsDown(CustomResourceSnapshot snapshot) =>
        snapshot.State.IsTerminal() || (snapshot.ExitCode is not null && !snapshot.State.Is(KnownResourceStates.Running)) ? true : null;

    private WaitAnswer Describe(string name) => notifications.TryGetCurrentState(name, out var row) ? Describe(row) : new WaitAnswer(Success: false);

    private static WaitAnswer Describe(ResourceEvent row) => new(Success: false, row.Snapshot.State?.Text, row.Snapshot.HealthStatus?.ToString());

    private bool IsKnown(string name) => notifications.TryGetCurrentState(name, out _)
        || model.Resources.Any(resource => resource.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
            || notifications.GetRowIds(resource).Contains(name, StringComparer.OrdinalIgnoreCase));
}
