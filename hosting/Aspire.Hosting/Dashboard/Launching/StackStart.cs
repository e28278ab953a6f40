using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dashboard.Launching;

/// <summary>
/// Tells when the resources have had their start: the dashboard takes about a second of processor time, which on a small machine would
/// otherwise be theirs.
/// </summary>
internal sealed class StackStart(DistributedApplicationModel model, ResourceNotificationService notifications, TimeProvider time)
{
    /// <summary>A person waits for the dashboard no longer than this because of them.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Returns when every resource that starts by itself is ready or has ended, at the latest after <see cref="Longest"/>.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var starts = model.Resources
            .Where(resource => resource is ProjectResource or ExecutableResource && !resource.Annotations.OfType<ExplicitStartupAnnotation>().Any())
            .Select(resource => notifications.WaitForResourceHealthyAsync(resource.Name, WaitBehavior.StopOnResourceUnavailable, waiting.Token));

        // One that fails has had its start too.
        Task all = Task.WhenAll(starts);
        await all.WaitAsync(Longest, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await waiting.CancelAsync().ConfigureAwait(false);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
