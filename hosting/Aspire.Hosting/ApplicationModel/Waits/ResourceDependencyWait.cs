using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Waits for everything that one resource waits for, and shows on its rows what that is.</summary>
internal sealed class ResourceDependencyWait(ResourceNotificationService notifications, IResource resource, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<string> _waitingFor = [];
    private bool _ended;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        WaitAnnotation[] annotations = [.. resource.Annotations.OfType<WaitAnnotation>().Where(static wait => wait.Resource is not IResourceWithoutLifetime)];
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] waits = [.. annotations.Select(wait => WaitForAsync(wait, failed.Token))];
        if (waits.All(static wait => wait.IsCompletedSuccessfully))
        {
            return;
        }

        var succeeded = false;
        try
        {
            for (var i = 0; i < waits.Length; i++)
            {
                if (!waits[i].IsCompleted)
                {
                    _ = ShowUntilDoneAsync(waits[i], annotations[i].Resource.Name);
                }
            }

            await CompleteAsync(waits, failed).ConfigureAwait(false);
            succeeded = true;
        }
        finally
        {
            ShowEnd(succeeded);
        }
    }

    /// <summary>Ends with the first failure: there is no use in waiting for the rest.</summary>
    private static async Task CompleteAsync(Task[] waits, CancellationTokenSource failed)
    {
        await foreach (var wait in Task.WhenEach(waits).ConfigureAwait(false))
        {
            if (!wait.IsCompletedSuccessfully)
            {
                await failed.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(waits).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await wait.ConfigureAwait(false);
            }
        }
    }

    private async Task WaitForAsync(WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var name = wait.Resource.Name;
        var goal = Goal(wait);
        try
        {
            ResourceNotificationLog.DependencyWaitStarted(logger, name, goal);
            var scope = wait.WaitType == WaitType.WaitForCompletion ? ResourceWaitScope.EveryInstance : ResourceWaitScope.WholeResource;
            await notifications.WaitAsync(name, change => IsMet(wait, change), scope, goal, notifications.Stopping, cancellationToken).ConfigureAwait(false);
            if (wait.WaitType == WaitType.WaitUntilHealthy)
            {
                await notifications.WaitForReadyEventsAsync(wait.Resource, name, cancellationToken).ConfigureAwait(false);
            }

            ResourceNotificationLog.DependencyWaitFinished(logger, name);
        }
        catch (DistributedApplicationException exception)
        {
            ResourceNotificationLog.DependencyWaitFailed(logger, exception.Message);
            throw;
        }
    }

    private static string Goal(WaitAnnotation wait) => wait.WaitType switch
    {
        WaitType.WaitUntilHealthy => "become healthy",
        WaitType.WaitForCompletion => $"end with exit code {wait.ExitCode}",
        WaitType.WaitUntilStarted => "start",
        _ => throw new DistributedApplicationException($"Resource '{wait.Resource.Name}' is waited for in an unknown way: {wait.WaitType}."),
    };

    private bool IsMet(WaitAnnotation wait, ResourceEvent change)
    {
        if (wait.WaitType == WaitType.WaitForCompletion)
        {
            return IsCompleted(wait, change);
        }

        return ResourceNotificationService.IsReady(
            change,
            requireHealth: wait.WaitType == WaitType.WaitUntilHealthy,
            wait.WaitBehavior ?? notifications.DefaultWaitBehavior,
            Failure(wait));
    }

    private bool IsCompleted(WaitAnnotation wait, ResourceEvent change)
    {
        if (!change.Snapshot.State.IsTerminal())
        {
            return false;
        }

        var failedToStart = change.Snapshot.State.Is(KnownResourceStates.FailedToStart);
        if (failedToStart || change.Snapshot.ExitCode is { } exitCode && exitCode != wait.ExitCode)
        {
            throw new DistributedApplicationException($"{Failure(wait)} because {ResourceNotificationService.DescribeState(change)}, expected exit code {wait.ExitCode}.");
        }

        return true;
    }

    private string Failure(WaitAnnotation wait) => $"Resource '{resource.Name}' stopped waiting for dependency resource '{wait.Resource.Name}'";

    private async Task ShowUntilDoneAsync(Task wait, string name)
    {
        Show(() => _waitingFor.Add(name));
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (wait.IsCompletedSuccessfully)
        {
            Show(() => _waitingFor.Remove(name));
        }
    }

    private void Show(Action change)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            change();
            string[] names = [.. _waitingFor.Distinct(StringComparer.OrdinalIgnoreCase)];
            if (names.Length > 0)
            {
                Publish(snapshot => CanWait(snapshot.State)
                    ? snapshot with { State = KnownResourceStates.Waiting, Properties = snapshot.Properties.SetProperty(KnownPropertyNames.WaitingFor, names) }
                    : snapshot);
            }
        }
    }

    /// <summary>Takes the names off the rows; a resource that need wait no longer is on its way again.</summary>
    private void ShowEnd(bool succeeded)
    {
        lock (_gate)
        {
            _ended = true;
            Publish(snapshot => snapshot with
            {
                State = succeeded && snapshot.State.Is(KnownResourceStates.Waiting) ? KnownResourceStates.Starting : snapshot.State,
                Properties = snapshot.Properties.RemoveProperty(KnownPropertyNames.WaitingFor),
            });
        }
    }

    private void Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => _ = notifications.PublishUpdateAsync(resource, change);

    /// <summary>Says whether a resource in that state can be shown as waiting; one that somebody stopped or that runs cannot.</summary>
    private static bool CanWait(ResourceStateSnapshot? state)
        => state is null
            || state.Is(KnownResourceStates.NotStarted)
            || state.Is(KnownResourceStates.Starting)
            || state.Is(KnownResourceStates.Waiting);
}
