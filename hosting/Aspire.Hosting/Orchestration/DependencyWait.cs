using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Waits for what a resource declared to wait for, until it is there or somebody decides not to wait.</summary>
internal sealed class DependencyWait(IResource resource, ResourceNotificationService notifications)
{
    private volatile TaskCompletionSource? _skip;

    /// <returns>Whether there was anything to wait for.</returns>
    /// <exception cref="DistributedApplicationException">A dependency failed and the resource does not wait for its return.</exception>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (!resource.Annotations.OfType<WaitAnnotation>().Any())
        {
            return false;
        }

        var skip = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _skip = skip;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var dependencies = notifications.WaitForDependenciesAsync(resource, waiting.Token);
            await (await Task.WhenAny(dependencies, skip.Task).ConfigureAwait(false)).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _skip = null;
            await waiting.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the wait that is under way.</summary>
    /// <returns>Whether one was.</returns>
    public bool Skip() => _skip?.TrySetResult() ?? false;
}
