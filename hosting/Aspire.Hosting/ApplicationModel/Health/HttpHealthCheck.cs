using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Healthy when a GET request is answered with one status code.</summary>
/// <param name="clients">Makes the client named <see cref="ClientName"/>.</param>
/// <param name="target">Gives the address to ask; null while there is none.</param>
/// <param name="statusCode">The status code of a healthy answer.</param>
internal sealed class HttpHealthCheck(IHttpClientFactory clients, Func<CancellationToken, ValueTask<Uri?>> target, int statusCode) : IHealthCheck
{
    /// <summary>The client of every HTTP health check. It logs nothing of its own: a check is asked every few seconds.</summary>
    public const string ClientName = "Aspire.Hosting.HealthProbe";

    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The address of a path of an endpoint.</summary>
    public static Uri Target(string url, string path) => new(new Uri(url), path);

    /// <summary>Asks one address.</summary>
    public static async Task<HealthCheckResult> AskAsync(HttpClient client, Uri address, int statusCode, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return (int)response.StatusCode == statusCode
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"GET {address} answered {Text((int)response.StatusCode)}, and {Text(statusCode)} is healthy.");
        }
        catch (HttpRequestException exception)
        {
            return HealthCheckResult.Unhealthy($"GET {address} failed: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"GET {address} was not answered within {Text((int)client.Timeout.TotalSeconds)} s.");
        }
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (await target(cancellationToken).ConfigureAwait(false) is not { } address)
        {
            return HealthCheckResult.Unhealthy("The endpoint has no address yet.");
        }

        using var client = clients.CreateClient(ClientName);
        return await AskAsync(client, address, statusCode, cancellationToken).ConfigureAwait(false);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
