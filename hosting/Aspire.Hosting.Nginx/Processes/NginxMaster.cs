using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>The master process of nginx: what its snapshots and the system say of it, and its signals.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxMaster(NginxRunPaths paths, TimeProvider timeProvider)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>A killed process is gone within milliseconds, unless it waits for a disk.</summary>
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(1);

    private volatile int _ready;
    private volatile bool _isDraining;
    private int _started;

    /// <summary>Whether it serves, takes signals, and has not been asked to end.</summary>
    public bool IsReady => _ready != 0 && !_isDraining;

    /// <summary>Follows the process that a snapshot of nginx names.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="ready">Called when nginx serves.</param>
    /// <param name="ended">Called when a master has ended, with whether it had served.</param>
    /// <param name="cancellationToken">Ends following.</param>
    public void Update(CustomResourceSnapshot snapshot, Action ready, Action<bool> ended, CancellationToken cancellationToken)
    {
        if (snapshot.State?.Text == KnownResourceStates.Running
            && snapshot.Properties.FirstOrDefault(static property => property.Name == "executable.pid")?.Value is { } value
            && Convert.ToInt32(value, CultureInfo.InvariantCulture) is var processId
            && processId > 0
            && Interlocked.Exchange(ref _started, processId) != processId)
        {
            _isDraining = false;
            _ = WatchAsync(processId, ready, ended, cancellationToken);
        }
    }

    /// <summary>Has nginx load the configuration file.</summary>
    /// <returns>Whether there is an nginx to load it.</returns>
    public bool Reload() => _ready is not 0 and var processId && IsOurs(processId) && Native.Send(Native.Hangup, processId);

    /// <summary>Has nginx answer the requests in flight and accept no more (SIGQUIT), and waits for its end.</summary>
    /// <param name="limit">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it has ended.</returns>
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
        var processId = started;
        while (IsOurs(started) && !cancellationToken.IsCancellationRequested)
        {
            // nginx writes this file when it listens and handles signals; before that, a signal could end it.
            if (ReadProcessId() is not 0 and var master && IsOurs(master))
            {
                _ready = processId = master;
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

        var hasServed = Interlocked.CompareExchange(ref _ready, 0, processId) == processId;
        KillOrphans(paths.Folder);
        ended(hasServed);
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

    private static IEnumerable<int> ProcessesIn(string folder) => !OperatingSystem.IsLinux()
        ? []
        : Directory.EnumerateDirectories("/proc")
            .Select(static path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var processId) ? processId : 0)
            .Where(processId => processId != 0 && IsIn(folder, processId));

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
