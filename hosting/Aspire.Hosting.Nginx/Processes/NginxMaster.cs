using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>The master process of nginx: what its snapshots and the system say of it, and its signals.</summary>
internal interface INginxMaster
{
    /// <summary>Whether it serves, takes signals, and has not been asked to end.</summary>
    bool IsReady { get; }

    /// <summary>Before a start: kills what is left of an earlier master, except workers that serve until the successor does.</summary>
    /// <returns>Whether there are such workers; they and the successor share the port.</returns>
    bool PrepareSuccessor();

    /// <summary>Follows the process that a snapshot of nginx names.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="ready">Called when nginx serves.</param>
    /// <param name="ended">Called when a master has ended, with whether it had served.</param>
    /// <param name="cancellationToken">Ends following.</param>
    void Update(CustomResourceSnapshot snapshot, Action ready, Action<bool> ended, CancellationToken cancellationToken);

    /// <summary>Has nginx load the configuration file.</summary>
    /// <returns>Whether there is an nginx to load it.</returns>
    Task<bool> ReloadAsync(CancellationToken cancellationToken);

    /// <summary>Has nginx answer the requests in flight and accept no more (SIGQUIT), and waits for its end.</summary>
    /// <param name="limit">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it has ended.</returns>
    Task<bool> DrainAsync(TimeSpan limit, CancellationToken cancellationToken);
}

/// <summary>The master process of an nginx of this machine.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxMaster(NginxRunPaths paths, TimeProvider timeProvider) : INginxMaster
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>A killed process is gone within milliseconds, unless it waits for a disk.</summary>
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(1);

    /// <summary>How long the workers of a killed master serve without a successor. A supervisor starts one within a second.</summary>
    private static readonly TimeSpan SuccessorLimit = TimeSpan.FromSeconds(10);

    /// <summary>What Aspire.Hosting.Supervisor gives each process, and restarts where it ends.</summary>
    private const string SupervisedVariable = "SUPERVISOR_PROCESS";

    private volatile int _ready;
    private volatile bool _isDraining;
    private volatile bool _isSupervised;
    private volatile bool _isHandingOver;
    private int _started;
    private int _ended;

    public bool IsReady => _ready != 0 && !_isDraining;

    public bool PrepareSuccessor()
    {
        if (_ready is not 0 and var processId && !IsOurs(processId))
        {
            // It was killed, and its supervisor has noticed that sooner.
            End(processId, hasServed: true);
        }

        if (!_isHandingOver)
        {
            KillOrphans(paths.Folder);
        }

        return _isHandingOver;
    }

    public void Update(CustomResourceSnapshot snapshot, Action ready, Action<bool> ended, CancellationToken cancellationToken)
    {
        if (snapshot.State?.Text == KnownResourceStates.Running
            && snapshot.Properties.FirstOrDefault(static property => property.Name == "executable.pid")?.Value is { } value
            && Convert.ToInt32(value, CultureInfo.InvariantCulture) is var processId
            && processId > 0
            && Interlocked.Exchange(ref _started, processId) != processId)
        {
            _isDraining = false;
            _isSupervised = snapshot.EnvironmentVariables.Any(static variable => variable.Name == SupervisedVariable);
            _ = WatchAsync(processId, ready, ended, cancellationToken);
        }
    }

    public Task<bool> ReloadAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_ready is not 0 and var processId && IsOurs(processId) && Native.Send(Native.Hangup, processId));

    public async Task<bool> DrainAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        _isDraining = true;
        var processId = _ready;
        if (processId == 0 || !IsOurs(processId) || !Native.Send(Native.Quit, processId))
        {
            return true;
        }

        var deadline = timeProvider.GetTimestamp();
        while (IsOurs(processId))
        {
            if (cancellationToken.IsCancellationRequested || timeProvider.GetElapsedTime(deadline) > limit)
            {
                return false;
            }

            await Task.Delay(Pause, timeProvider, CancellationToken.None).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Kills the workers of a master that was killed, which would hold its port.</summary>
    /// <remarks>
    /// The processes of nginx have the run folder as their working folder, and no others have. A master that is reloading may start more
    /// while they are listed, so the list is made again until it is empty.
    /// </remarks>
    public static void KillOrphans(string folder)
    {
        var start = Stopwatch.GetTimestamp();
        int[] orphans = [.. ProcessesIn(folder)];
        while (orphans.Length > 0 && Stopwatch.GetElapsedTime(start) < KillLimit)
        {
            foreach (var processId in orphans)
            {
                Native.Send(Native.Kill, processId);
            }

            orphans = [.. ProcessesIn(folder)];
        }
    }

    private async Task WatchAsync(int started, Action ready, Action<bool> ended, CancellationToken cancellationToken)
    {
        var (processId, hasServed) = (started, false);
        while (IsOurs(started) && !cancellationToken.IsCancellationRequested)
        {
            // nginx writes this file when it listens and handles signals; before that, a signal could end it.
            if (ReadProcessId() is not 0 and var master && IsOurs(master))
            {
                _ready = processId = master;
                hasServed = true;
                ready();
                break;
            }

            await Task.Delay(Pause, timeProvider, CancellationToken.None).ConfigureAwait(false);
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException)
        {
            // It has ended already.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        End(processId, hasServed);
        ended(hasServed);
    }

    /// <summary>What follows the end of a master: its workers serve on until a successor does, or are killed.</summary>
    private void End(int processId, bool hasServed)
    {
        if (Interlocked.Exchange(ref _ended, processId) == processId)
        {
            return;
        }

        _ = Interlocked.CompareExchange(ref _ready, 0, processId);
        int[] workers = hasServed && _isSupervised && !_isDraining ? [.. ProcessesIn(paths.Folder)] : [];
        if (workers.Length > 0)
        {
            _isHandingOver = true;
            _ = HandOverAsync(workers);
        }
        else
        {
            KillOrphans(paths.Folder);
        }
    }

    /// <summary>Has the workers of a killed master serve until its successor does, and then answer what they have (SIGQUIT).</summary>
    private async Task HandOverAsync(int[] workers)
    {
        var start = timeProvider.GetTimestamp();
        while (_ready == 0 && timeProvider.GetElapsedTime(start) < SuccessorLimit)
        {
            await Task.Delay(Pause, timeProvider).ConfigureAwait(false);
        }

        var signal = _ready == 0 ? Native.Kill : Native.Quit;
        foreach (var worker in workers.Where(IsOurs))
        {
            Native.Send(signal, worker);
        }

        _isHandingOver = false;
    }

    private int ReadProcessId()
    {
        try
        {
            var text = File.ReadAllText(paths.ProcessIdFile).Trim();
            return int.TryParse(text, CultureInfo.InvariantCulture, out var processId) ? processId : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Whether a process is nginx's: its id may belong to another one by now.</summary>
    private bool IsOurs(int processId) => !OperatingSystem.IsLinux() ? Native.Send(0, processId) : IsIn(paths.Folder, processId);

    private static IEnumerable<int> ProcessesIn(string folder) =>
        !OperatingSystem.IsLinux() ? [] : ProcessIds.All().Where(processId => IsIn(folder, processId));

    private static bool IsIn(string folder, int processId)
    {
        try
        {
            var target = new FileInfo($"/proc/{processId}/cwd").LinkTarget;
            return target == folder || target == $"{folder} (deleted)";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
