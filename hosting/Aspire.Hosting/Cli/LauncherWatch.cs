using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Cli;

/// <summary>Stops the application when the CLI that started it is gone without having stopped it: nobody could see or end it then.</summary>
internal sealed partial class LauncherWatch(LauncherProcess launcher, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DistributedApplication> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            if (!launcher.IsAlive())
            {
                Log.Gone(logger, launcher.Id);
                lifetime.StopApplication();
                return;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private static partial class Log
    {
        [LoggerMessage(131, LogLevel.Warning, "The Aspire CLI that started this AppHost (process {ProcessId}) is gone, so the AppHost stops too.")]
        public static partial void Gone(ILogger logger, int processId);
    }
}
