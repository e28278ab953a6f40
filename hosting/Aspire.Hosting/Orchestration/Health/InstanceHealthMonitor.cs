using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Health;

/// <summary>Runs the health checks of one instance for as long as it runs.</summary>
/// <remarks>
/// An HTTP check probes the instance at its own address, never a shared one, so that one bad replica is told from its
/// siblings. A check registered by the user under a key is about the resource as a whole and is run as it is.
/// </remarks>
internal sealed class InstanceHealthMonitor(
    IResource resource,
    IReadOnlyList<InstanceEndpoint> endpoints,
    HttpHealthProber prober,
    HealthCheckService checks,
    TimeProvider time)
{
    private readonly string[] _keys = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(a => a.Key).Distinct()];
    private readonly ILookup<string, HttpHealthProbeAnnotation> _probes = resource.Annotations.OfType<HttpHealthProbeAnnotation>().ToLookup(p => p.Key);
    private readonly HealthNews _news = new(time);

    /// <summary>Reports before the first probe: every check listed, none with a status.</summary>
    public ImmutableArray<HealthReportSnapshot> Initial => [.. _keys.Select(key => new HealthReportSnapshot(key, null, null, null))];

    /// <summary>Probes until cancelled, handing over every result.</summary>
    public async Task RunAsync(Func<ImmutableArray<HealthReportSnapshot>, Task> report, CancellationToken cancellationToken)
    {
        if (_keys.Length == 0)
        {
            await report([]).ConfigureAwait(false);
            return;
        }

        await WaitForSocketsAsync(cancellationToken).ConfigureAwait(false);
        ScheduledCheck[] checks = [.. _keys.Select(key => new ScheduledCheck(new HealthCadence(OwnProbe(key) is null ? HealthCadence.OfChecks : HealthCadence.OfProbes), time, ask => CheckAsync(key, ask)))];
        while (!cancellationToken.IsCancellationRequested)
        {
            var reports = await Task.WhenAll(checks.Select(check => check.RunIfDueAsync(cancellationToken))).ConfigureAwait(false);
            if (_news.Has(reports))
            {
                await report([.. reports]).ConfigureAwait(false);
            }

            await Task.Delay(checks.Min(check => check.UntilDue), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A process that has not yet made its socket cannot answer. Looking for the file costs next to nothing, so that the first
    /// probe comes as soon as it can succeed, and no connection is refused before.
    /// </summary>
    private async Task WaitForSocketsAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!HasSockets() && time.GetElapsedTime(started) < HealthCadence.LongestWaitForSocket)
        {
            await Task.Delay(HealthCadence.SocketLook, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool HasSockets() => endpoints.All(e => e.UnixSocket is null || File.Exists(e.UnixSocket));

    /// <summary>A check that throws, or ignores that nobody waits for it, must not keep the process from being watched and stopped.</summary>
    private async Task<HealthReportSnapshot> CheckAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(key, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new HealthReportSnapshot(key, HealthStatus.Unhealthy, "The health check failed.", e.Message) { LastRunAt = time.GetUtcNow().UtcDateTime };
        }
    }

    private async Task<HealthReportSnapshot> AskAsync(string key, CancellationToken cancellationToken)
    {
        if (OwnProbe(key) is { } own)
        {
            return await prober.ProbeAsync(key, own.Address, own.StatusCode, cancellationToken).ConfigureAwait(false);
        }

        var result = await checks.CheckHealthAsync(check => check.Name == key, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow().UtcDateTime;
        return result.Entries.TryGetValue(key, out var entry)
            ? new HealthReportSnapshot(key, entry.Status, entry.Description, entry.Exception?.Message) { LastRunAt = now }
            : new HealthReportSnapshot(key, HealthStatus.Unhealthy, $"No health check is registered under the key '{key}'; add one with builder.Services.AddHealthChecks().", null) { LastRunAt = now };
    }

    private (Uri Address, int StatusCode)? OwnProbe(string key) =>
        _probes[key].FirstOrDefault() is { } probe && OwnAddress(probe) is { } address ? (address, probe.StatusCode) : null;

    private Uri? OwnAddress(HttpHealthProbeAnnotation probe)
    {
        var endpoint = probe.Endpoint();
        return endpoint.Resource == resource && endpoints.FirstOrDefault(e => e.Annotation.Name == endpoint.EndpointName) is { } own
            ? new Uri(own.LocalAddress, probe.Path)
            : null;
    }
}
