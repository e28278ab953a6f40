using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// A tiny process beside the AppHost that holds a pipe from it. When the AppHost dies, even by SIGKILL, the pipe ends and the guard
/// ends every group it was told of. If the guard dies, a new one takes over. Linux only; elsewhere it does nothing.
/// </summary>
internal sealed partial class ProcessGuard(RunIdentity identity, TimeProvider timeProvider, ILogger<ProcessGuard> logger) : IAsyncDisposable
{
    private const string SessionTool = "setsid";
    private const int MaximumStarts = 10;

    private static readonly TimeSpan StartWindow = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _groups = [];
    private readonly Queue<long> _starts = [];
    private Process? _process;
    private bool _stopped;

    /// <summary>The guard's process id; null when none runs.</summary>
    internal int? ProcessId
    {
        get
        {
            lock (_lock)
            {
                return _process?.Id;
            }
        }
    }

    /// <summary>Starts the guard unless it runs. A guard that cannot be started is a warning, not an error.</summary>
    public void Start()
    {
        lock (_lock)
        {
            EnsureStarted();
        }
    }

    /// <summary>Puts a group under guard.</summary>
    public void Add(int leaderId, long startTicks)
    {
        lock (_lock)
        {
            _groups[leaderId] = startTicks;
            EnsureStarted();
            Send(AddLine(leaderId, startTicks));
        }
    }

    /// <summary>Releases a group that is gone.</summary>
    public void Remove(int leaderId)
    {
        lock (_lock)
        {
            if (_groups.Remove(leaderId))
            {
                Send(string.Create(CultureInfo.InvariantCulture, $"remove {leaderId}\n"));
            }
        }
    }

    /// <summary>Ends the guard, and through it any group that is still registered.</summary>
    public async ValueTask DisposeAsync()
    {
        Process? process;
        lock (_lock)
        {
            _stopped = true;
            process = _process;
            if (process is null)
            {
                return;
            }

            if (_groups.Count == 0)
            {
                Send("end\n");
            }

            _process = null;
        }

        Close(process);
        try
        {
            await process.WaitForExitAsync().WaitAsync(EndTime, timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.Lingers(logger, process.Id);
        }

        process.Dispose();
    }

    private static string AddLine(int leaderId, long startTicks) =>
        string.Create(CultureInfo.InvariantCulture, $"add {leaderId} {startTicks}\n");

    private void EnsureStarted()
    {
        if (_process is not null || _stopped || !OperatingSystem.IsLinux() || !MayStart())
        {
            return;
        }

        var sessionTool = ExecutableFinder.Search(SessionTool, System.Environment.GetEnvironmentVariable("PATH"))
            ?? ExecutableFinder.Search(SessionTool, "/usr/bin:/bin");
        if (sessionTool is null)
        {
            Log.Missing(logger, $"{SessionTool} is not installed");
            return;
        }

        // Raised on another thread, which waits for the lock held here.
        var process = new Process { StartInfo = Describe(sessionTool, identity.Mark), EnableRaisingEvents = true };
        process.Exited += (_, _) => Replace(process);
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            process.Dispose();
            Log.Missing(logger, exception.Message);
            return;
        }

        _process = process;
        process.StandardOutput.Close();
        process.StandardError.Close();
        Send(string.Concat(_groups.Select(group => AddLine(group.Key, group.Value))));
    }

    private bool MayStart()
    {
        while (_starts.TryPeek(out var oldest) && timeProvider.GetElapsedTime(oldest) > StartWindow)
        {
            _starts.Dequeue();
        }

        if (_starts.Count >= MaximumStarts)
        {
            return false;
        }

        _starts.Enqueue(timeProvider.GetTimestamp());
        return true;
    }

    private void Replace(Process ended)
    {
        lock (_lock)
        {
            if (_process != ended)
            {
                return;
            }

            Log.Replaced(logger, ended.Id, ended.ExitCode);
            Close(ended);
            ended.Dispose();
            _process = null;
            EnsureStarted();
        }
    }

    private void Send(string lines)
    {
        if (_process is null || lines.Length == 0)
        {
            return;
        }

        try
        {
            var stream = _process.StandardInput.BaseStream;
            stream.Write(Encoding.ASCII.GetBytes(lines));
            stream.Flush();
        }
        catch (IOException)
        {
            // The guard just died: its successor is told everything.
        }
    }

    private static void Close(Process process)
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It died with a line unread.
        }
    }

    // It keeps nothing of the AppHost's: no folder, no secrets in its environment, and not the mark that it looks for.
    private static ProcessStartInfo Describe(string sessionTool, string mark)
    {
        var startInfo = new ProcessStartInfo(sessionTool, ["sh", "-c", GuardScript.Text, "flaskstack-guard", mark])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var searchPath = startInfo.Environment.TryGetValue("PATH", out var own) ? own : "/usr/bin:/bin";
        startInfo.Environment.Clear();
        startInfo.Environment["PATH"] = searchPath;
        return startInfo;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "No guard: {Reason}. If the AppHost is killed, its processes stay until its next start.")]
        public static partial void Missing(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Warning, "The guard (pid {ProcessId}) ended with code {ExitCode}; starting another.")]
        public static partial void Replaced(ILogger logger, int processId, int exitCode);

        [LoggerMessage(LogLevel.Warning, "The guard (pid {ProcessId}) is still ending processes.")]
        public static partial void Lingers(ILogger logger, int processId);
    }
}
