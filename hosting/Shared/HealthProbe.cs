using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Shared;

/// <summary>
/// Runs the health checks of a resource more often than Aspire does, which looks at a healthy one every 30 s and at a starting one every second.
/// </summary>
/// <param name="services">The application's services, with its health checks.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthProbe(IServiceProvider services, TimeProvider time)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SteadyInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Has Aspire's HTTP checks close their connections: a service that drains waits for those that are open, and a probe's would be the last.</summary>
    public static void CloseConnections(IServiceCollection services) =>
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<HttpClientFactoryOptions>, Connections>());

    /// <summary>Whether a resource has checks.</summary>
    public static bool HasChecks(IResource resource) => resource.Annotations.OfType<HealthCheckAnnotation>().Any();

    /// <summary>Whether a resource has checks that ask its one process: those of several replicas under one name ask whichever answers.</summary>
    public static bool CanAsk(IResource resource) =>
        HasChecks(resource)
        && resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault() is null or { Replicas: 1 };

    /// <summary>Probes a process until it has ended: every 20 ms at first, every second when it is healthy or has been asked for long.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="report">Takes what each probe found.</param>
    /// <param name="cancellationToken">Ends the probing.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(IResource resource, Func<ProbeResult, Task> report, CancellationToken cancellationToken)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(annotation => annotation.Key).ToHashSet(StringComparer.Ordinal);
        HealthCheckRegistration[] checks = [.. services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Where(check => keys.Contains(check.Name))];
        var interval = FirstInterval;
        while (true)
        {
            var result = await ProbeAsync(checks, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            await report(result).ConfigureAwait(false);
            interval = result == ProbeResult.Healthy || interval * 1.1 > SteadyInterval ? SteadyInterval : interval * 1.1;
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <remarks>Aspire's own service would write an error to the log for each failure, and a start has many.</remarks>
    private async Task<ProbeResult> ProbeAsync(HealthCheckRegistration[] checks, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var worst = ProbeResult.Healthy;
            foreach (var check in checks)
            {
                var context = new HealthCheckContext { Registration = check };
                var result = await check.Factory(services).CheckHealthAsync(context, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
                var found = result switch
                {
                    { Status: HealthStatus.Healthy } => ProbeResult.Healthy,
                    { Exception: null } => ProbeResult.Unhealthy,
                    _ => ProbeResult.NoAnswer,
                };
                worst = found > worst ? found : worst;
            }

            return limit.IsCancellationRequested ? ProbeResult.Silent : worst;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return limit.IsCancellationRequested ? ProbeResult.Silent : ProbeResult.NoAnswer;
        }
    }

    /// <summary>Aspire asks with the client that has the name of the check.</summary>
    private sealed class Connections(DistributedApplicationModel model) : IConfigureNamedOptions<HttpClientFactoryOptions>
    {
        public void Configure(string? name, HttpClientFactoryOptions options)
        {
            if (model.Resources.SelectMany(static resource => resource.Annotations.OfType<HealthCheckAnnotation>()).Any(check => check.Key == name))
            {
                options.HttpClientActions.Add(static client => client.DefaultRequestHeaders.ConnectionClose = true);
            }
        }

        public void Configure(HttpClientFactoryOptions options)
        {
            // Checks have names.
        }
    }
}

/// <summary>What a probe found, from best to worst.</summary>
internal enum ProbeResult
{
    /// <summary>All checks are good.</summary>
    Healthy,

    /// <summary>The answer is that it is not healthy: the process lives, and something that it needs may not.</summary>
    Unhealthy,

    /// <summary>A check failed without an answer: nobody listens, or the connection broke.</summary>
    NoAnswer,

    /// <summary>There was no answer in time.</summary>
    Silent,
}
