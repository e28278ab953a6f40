using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Shared;

/// <summary>
/// Runs the health checks of a resource more often than Aspire does, which checks a healthy resource every 30 s and a starting one every
/// second.
/// </summary>
/// <param name="services">The application's services, with its health checks.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthProbe(IServiceProvider services, TimeProvider time)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SteadyInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Makes Aspire's HTTP checks close their connections: a draining service waits until no connection is open.</summary>
    public static void CloseConnections(IServiceCollection services) =>
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<HttpClientFactoryOptions>, Connections>());

    /// <summary>Whether a resource has health checks.</summary>
    public static bool HasChecks(IResource resource) => resource.Annotations.OfType<HealthCheckAnnotation>().Any();

    /// <summary>Whether a resource has health checks of one process: several replicas under one name share their checks.</summary>
    public static bool CanAsk(IResource resource) =>
        HasChecks(resource)
        && resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault() is null or { Replicas: 1 };

    /// <summary>Probes a process until cancelled: every 20 ms at first, every second when it is healthy or has taken long.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="report">Called with the result of each probe.</param>
    /// <param name="cancellationToken">Ends the probing.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(IResource resource, Func<ProbeResult, Task> report, CancellationToken cancellationToken)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key).ToHashSet(StringComparer.Ordinal);
        var registrations = services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations;
        HealthCheckRegistration[] checks = [.. registrations.Where(check => keys.Contains(check.Name))];
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

    /// <remarks>The framework's own service would log an error for each failure, and a start has many.</remarks>
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
                var checking = check.Factory(services).CheckHealthAsync(context, either.Token);
                var result = await checking.WaitAsync(either.Token).ConfigureAwait(false);
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

    /// <summary>Configures the HTTP clients of checks; Aspire names each client after its check.</summary>
    private sealed class Connections(DistributedApplicationModel model) : IConfigureNamedOptions<HttpClientFactoryOptions>
    {
        public void Configure(string? name, HttpClientFactoryOptions options)
        {
            var checks = model.Resources.SelectMany(static resource => resource.Annotations.OfType<HealthCheckAnnotation>());
            if (checks.Any(check => check.Key == name))
            {
                options.HttpClientActions.Add(static client => client.DefaultRequestHeaders.ConnectionClose = true);
            }
        }

        public void Configure(HttpClientFactoryOptions options)
        {
            // The clients of checks are named ones.
        }
    }
}

/// <summary>The result of a probe, from best to worst.</summary>
internal enum ProbeResult
{
    /// <summary>All checks pass.</summary>
    Healthy,

    /// <summary>A check answered that the resource is not healthy: the process works, but perhaps not something that it needs.</summary>
    Unhealthy,

    /// <summary>A check failed without an answer: the connection was refused or broken.</summary>
    NoAnswer,

    /// <summary>There was no answer in time.</summary>
    Silent,
}
