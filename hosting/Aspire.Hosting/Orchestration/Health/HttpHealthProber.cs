using System.Net;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Health;

/// <summary>Asks one instance, at its own address, whether it is healthy.</summary>
internal sealed class HttpHealthProber(TimeProvider time) : IDisposable
{
    /// <summary>A probe that is not answered by then has failed.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectTimeout = Timeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
    })
    {
        Timeout = Timeout,
    };

    public async Task<HealthReportSnapshot> ProbeAsync(string key, Uri address, int expectedStatus, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return (int)response.StatusCode == expectedStatus
                ? Report(HealthStatus.Healthy, null, null)
                : Report(HealthStatus.Unhealthy, Describe(address, expectedStatus, response.StatusCode), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Report(HealthStatus.Unhealthy, $"{address} did not answer within {Timeout.TotalSeconds:0} s.", null);
        }
        catch (HttpRequestException e)
        {
            return Report(HealthStatus.Unhealthy, $"{address} cannot be reached.", e.Message);
        }

        HealthReportSnapshot Report(HealthStatus status, string? description, string? exception) =>
            new(key, status, description, exception) { LastRunAt = time.GetUtcNow().UtcDateTime };
    }

    public void Dispose() => _client.Dispose();

    private static string Describe(Uri address, int expected, HttpStatusCode actual) =>
        $"{address} answered {(int)actual} where {expected} means healthy.";
}
