using Aspire.Hosting.Cli.Auxiliary.Messages;
using Aspire.Hosting.Dashboard;

namespace Aspire.Hosting.Cli;

/// <summary>What the CLI is told of the dashboard, which comes up later than the AppHost.</summary>
internal sealed class DashboardAnswers(DashboardStatus status, TimeProvider time)
{
    /// <summary>How long somebody waits who wants to know where it is. The address is known before it serves.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How long somebody waits who has no use for it before it serves.</summary>
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(15);

    /// <summary>Where it is, once it is clear whether there will be one.</summary>
    public async Task<DashboardUrls> WaitForUrlsAsync(CancellationToken cancellationToken) =>
        new(await status.WaitForFirstOutcomeAsync(cancellationToken).ConfigureAwait(false), status.LoginUrl);

    /// <summary>Where it is or will be.</summary>
    public async Task<DashboardUrls> GetUrlsAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        return new DashboardUrls(status.IsHealthy, status.LoginUrl);
    }

    /// <summary>Where its API is.</summary>
    public async Task<DashboardInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(LongPatience, cancellationToken).ConfigureAwait(false);
        return status is { ApiUrl: { } url, LoginUrl: { } login }
            // Where no key is asked for any will do, but the CLI wants one.
            ? new DashboardInfo(url, status.ApiKey ?? string.Empty, [login], status.IsHealthy)
            : new DashboardInfo(ApiBaseUrl: null, ApiToken: null, [], IsHealthy: false);
    }

    private async Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        Task outcome = status.WaitForFirstOutcomeAsync(cancellationToken);
        await outcome.WaitAsync(patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
