using Aspire.Hosting.ApplicationModel;

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
        // A connection that is kept would hold up the end of the one it leads to, which lets its clients go first.
        PooledConnectionLifetime = TimeSpan.Zero,
    })
    {
        Timeout = Timeout,
    };

    public async Task<HealthReportSnapshot> ProbeAsync(string key, Uri address, int expectedStatus, CancellationToken cancellationToken)
    {
        var result = await HttpHealthCheck.AskAsync(_client, address, expectedStatus, cancellationToken).ConfigureAwait(false);
        return new(key, result.Status, result.Description, result.Exception?.Message) { LastRunAt = time.GetUtcNow().UtcDateTime };
    }

    public void Dispose() => _client.Dispose();
}
