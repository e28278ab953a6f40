using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Waits, at one start, for what a resource declared to wait for, until it is there or somebody decides not to wait.</summary>
internal sealed class DependencyWait(IResource resource, ResourceNotificationService notifications)
{
    private readonly TaskCompletionSource _skip = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <returns>Whether it waited.</returns>
    /// <exception cref="DistributedApplicationException">A dependency failed and the resource does not wait for its return.</exception>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (_skip.Task.IsCompleted || !resource.Annotations.OfType<WaitAnnotation>().Any())
        {
            return false;
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var dependencies = notifications.WaitForDependenciesAsync(resource, waiting.Token);
            await (await Task.WhenAny(dependencies, _skip.Task).ConfigureAwait(false)).ConfigureAwait(false);
            return true;
        }
        finally
        {
            await waiting.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the wait, now or as soon as it begins.</summary>
    public void Skip() => _skip.TrySetResult();
}
