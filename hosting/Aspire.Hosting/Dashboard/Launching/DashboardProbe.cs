using System.Net.Security;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Dashboard.Launching;

/// <summary>Asks the dashboard whether it serves.</summary>
internal sealed class DashboardProbe(DashboardSettings settings, TimeProvider time) : IDisposable
{
    private const string Path = "health";
    private const int Healthy = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // It is asked whether it lives, and trusted with nothing: a certificate that no one vouches for will do.
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    })
    {
        Timeout = Timeout,
    };

    /// <summary>Returns when the dashboard answered that it is healthy.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var address = HttpHealthCheck.Target(settings.Frontend[0].PublicUrl, Path);
        while ((await HttpHealthCheck.AskAsync(_client, address, Healthy, cancellationToken).ConfigureAwait(false)).Status != HealthStatus.Healthy)
        {
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _client.Dispose();
}
