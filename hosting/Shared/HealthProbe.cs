using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Shared;

/// <summary>
/// Runs the health checks of a resource more often than Aspire does, which looks at a healthy one every 30 s and at a starting one every second.
/// </summary>
/// <param name="checks">The health checks of the application.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthProbe(HealthCheckService checks, TimeProvider time)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SteadyInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether a resource has checks that ask its one process: those of several replicas under one name ask whichever answers.</summary>
    public static bool CanAsk(IResource resource) =>
        resource.Annotations.OfType<HealthCheckAnnotation>().Any()
        && resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault() is null or { Replicas: 1 };

    /// <summary>Probes a process until it has ended: every 20 ms at first, every second when it is healthy or has been asked for long.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="report">Takes what each probe found.</param>
    /// <param name="cancellationToken">Ends the probing.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(IResource resource, Action<bool> report, CancellationToken cancellationToken)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(annotation => annotation.Key).ToHashSet(StringComparer.Ordinal);
        var interval = FirstInterval;
        while (true)
        {
            var isHealthy = await ProbeAsync(keys, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            report(isHealthy);
            interval = isHealthy || interval * 1.1 > SteadyInterval ? SteadyInterval : interval * 1.1;
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> ProbeAsync(HashSet<string> keys, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var report = await checks.CheckHealthAsync(registration => keys.Contains(registration.Name), either.Token)
                .WaitAsync(either.Token).ConfigureAwait(false);
            return report.Status == HealthStatus.Healthy;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
