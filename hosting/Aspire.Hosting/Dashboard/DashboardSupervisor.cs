using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Launching;
using Aspire.Hosting.Dashboard.Provisioning;
using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Keeps the dashboard running: one that ends comes back on the same ports with the same token and keys, so that an open page goes on.
/// Whatever becomes of it, the AppHost and its resources are not touched.
/// </summary>
internal sealed partial class DashboardSupervisor(
    DashboardSettings settings,
    DashboardStatus status,
    DashboardRow row,
    ProcessLauncher launcher,
    ResourceLoggerService consoles,
    ILoggerFactory loggers,
    TimeProvider time,
    ILogger<DistributedApplication> logger) : IDisposable
{
    /// <summary>How long the dashboard may take to end: it keeps nothing that is worth more.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>How long it may take to say that it listens before it is asked instead.</summary>
    private static readonly TimeSpan SpeakingTime = TimeSpan.FromSeconds(5);

    private readonly DashboardProbe _probe = new(settings, time);
    private bool _isAnnounced;
    private string? _toldReason;

    /// <summary>Runs the dashboard until it is stopped or there is no point in starting it again.</summary>
    /// <param name="program">The dashboard.</param>
    /// <param name="environment">The changes to the AppHost's environment.</param>
    /// <param name="ending">The application ends: what runs goes on, but is not started again.</param>
    /// <param name="stop">Stops what runs.</param>
    public async Task RunAsync(DashboardProgram program, IReadOnlyDictionary<string, string?> environment, CancellationToken ending, CancellationToken stop)
    {
        var backoff = new RestartBackoff();
        while (true)
        {
            var started = time.GetTimestamp();
            var end = await RunOnceAsync(program, environment, ending, stop).ConfigureAwait(false);
            if (ending.IsCancellationRequested)
            {
                status.SetDown(forGood: true);
                return;
            }

            status.SetDown(end.IsFinal);
            Tell(end);
            if (end.IsFinal)
            {
                return;
            }

            await Task.Delay(backoff.Next(time.GetElapsedTime(started)), time, ending).ConfigureAwait(false);
        }
    }

    public void Dispose() => _probe.Dispose();

    private async Task<DashboardEnd> RunOnceAsync(
        DashboardProgram program, IReadOnlyDictionary<string, string?> environment, CancellationToken ending, CancellationToken stop)
    {
        var console = new DashboardConsole(settings.Secrets, consoles, loggers);
        ChildProcess child;
        try
        {
            child = launcher.Start(Describe(program, environment), console);
        }
        catch (ProcessStartException exception)
        {
            await row.ShowFailureAsync().ConfigureAwait(false);
            return new(exception.Message);
        }

        await row.ShowStartingAsync(program, child).ConfigureAwait(false);
        await using var silence = ending.Register(console.Silence).ConfigureAwait(false);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(ending);
        var start = EndUnlessServingAsync(child, console, watching.Token);
        var exit = await WaitForExitAsync(child, stop).ConfigureAwait(false);
        await watching.CancelAsync().ConfigureAwait(false);
        var wasStuck = await start.ConfigureAwait(false);
        await child.OutputEnd.ConfigureAwait(false);
        await row.ShowEndAsync(exit).ConfigureAwait(false);
        return wasStuck ? DashboardEnd.OfStuckStart(console.Complaint, settings) : DashboardEnd.Of(exit, console.Complaint, settings);
    }

    private static ProcessSpec Describe(DashboardProgram program, IReadOnlyDictionary<string, string?> environment) => new()
    {
        DisplayName = DashboardResource.ResourceName,
        FileName = program.FileName,
        Arguments = program.Arguments,
        WorkingDirectory = program.Folder,
        Environment = environment,
    };

    private async Task<ProcessExit> WaitForExitAsync(ChildProcess child, CancellationToken stop)
    {
        try
        {
            return await child.Exit.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // One that does not serve yet has nobody to take leave of.
            return (await child.StopAsync(status.IsHealthy ? Grace : TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false)).Exit;
        }
    }

    /// <summary>Ends a dashboard that does not come to serve, since it neither works nor makes room for one that does.</summary>
    /// <returns>Whether it had to be ended.</returns>
    private async Task<bool> EndUnlessServingAsync(ChildProcess child, DashboardConsole console, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(settings.StartLimit, time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await WaitUntilServingAsync(console, waiting.Token).ConfigureAwait(false);
            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            await child.StopAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
    }

    private async Task WaitUntilServingAsync(DashboardConsole console, CancellationToken cancellationToken)
    {
        // Its own word comes first: on a port that is in use, someone else would answer for it.
        await console.Listening.WaitAsync(SpeakingTime, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        await _probe.WaitAsync(cancellationToken).ConfigureAwait(false);

        console.Release();
        _toldReason = null;
        Announce();
        await row.ShowRunningAsync().ConfigureAwait(false);
        status.SetHealthy();
    }

    /// <summary>Says once where the dashboard is: who reads it logs in with the address, and an address in use keeps its meaning.</summary>
    private void Announce()
    {
        if (_isAnnounced)
        {
            Log.Back(logger, settings.PublicUrl);
            return;
        }

        _isAnnounced = true;
        Log.Listening(logger, settings.PublicUrl);
        if (settings is { TellsLogin: true, Secrets.BrowserToken: not null })
        {
            Log.Login(logger, settings.LoginUrl);
        }
    }

    /// <summary>The same reason is told once, however often it comes.</summary>
    private void Tell(DashboardEnd end)
    {
        if (end.Reason == _toldReason)
        {
            return;
        }

        _toldReason = end.Reason;
        if (end.IsFinal)
        {
            Log.GivenUp(logger, end.Reason);
        }
        else if (_isAnnounced)
        {
            Log.StartingAgain(logger, end.Reason);
        }
        else
        {
            Log.NotServing(logger, end.Reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(111, LogLevel.Information, "Now listening on: {Url}")]
        public static partial void Listening(ILogger logger, string url);

        [LoggerMessage(112, LogLevel.Information, "Login to the dashboard at {LoginUrl}")]
        public static partial void Login(ILogger logger, string loginUrl);

        [LoggerMessage(113, LogLevel.Information, "The dashboard is back on {Url}")]
        public static partial void Back(ILogger logger, string url);

        [LoggerMessage(114, LogLevel.Warning, "{Reason} It is started again.")]
        public static partial void StartingAgain(ILogger logger, string reason);

        [LoggerMessage(115, LogLevel.Error, "{Reason} It is tried again; everything else runs.")]
        public static partial void NotServing(ILogger logger, string reason);

        [LoggerMessage(116, LogLevel.Error, "{Reason} There is no dashboard in this run; everything else runs.")]
        public static partial void GivenUp(ILogger logger, string reason);
    }
}
