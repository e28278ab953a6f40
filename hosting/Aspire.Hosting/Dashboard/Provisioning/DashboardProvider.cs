using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard.Provisioning;

/// <summary>Gets the dashboard: found, or else fetched. Where neither succeeds, one line says what to mend.</summary>
internal sealed partial class DashboardProvider(
    DashboardSettings settings,
    AppHostIdentity appHost,
    ProcessLauncher launcher,
    TimeProvider time,
    ILogger<DistributedApplication> logger)
{
    private const string CacheName = "dashboard";

    /// <summary>The dashboard; null when there is none, which has been told then.</summary>
    public async Task<DashboardProgram?> GetAsync(CancellationToken cancellationToken)
    {
        var (cache, problem) = OpenCache();
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var search = new DashboardLocator(settings, appHost.Directory, home, cache, DashboardPackage.Current).Find();
        if (search.Problem is { } wrongPath)
        {
            Log.WrongPath(logger, wrongPath);
            return null;
        }

        if (search.Program is { } found)
        {
            return found;
        }

        if (cache is null)
        {
            Log.NotFetched(logger, problem!);
            return null;
        }

        return await FetchAsync(cache, cancellationToken).ConfigureAwait(false);
    }

    private async Task<DashboardProgram?> FetchAsync(DashboardCache cache, CancellationToken cancellationToken)
    {
        var fetcher = new DashboardFetcher(launcher, cache, DashboardPackage.Current, Environment.GetEnvironmentVariable, time, logger);
        try
        {
            return DashboardProgram.For(await fetcher.FetchAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (DistributedApplicationException exception)
        {
            Log.NotFetched(logger, exception.Message.TrimEnd('.'));
            return null;
        }
    }

    private static (DashboardCache? Cache, string? Problem) OpenCache()
    {
        try
        {
            return (new DashboardCache(Path.Combine(UserFolders.Cache(), CacheName)), null);
        }
        catch (IOException exception)
        {
            return (null, exception.Message.TrimEnd('.'));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(131, LogLevel.Error, "{Problem}")]
        public static partial void WrongPath(ILogger logger, string problem);

        [LoggerMessage(132, LogLevel.Warning, "There is no dashboard in this run: {Reason}. Mend that, install the Aspire CLI, or set Dashboard:Path to a dashboard; Dashboard:Enabled=false does without. Everything else runs.")]
        public static partial void NotFetched(ILogger logger, string reason);
    }
}
