using System.Diagnostics;
using Aspire.Hosting.Orchestration.Processes.Spawning;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>A started process and, on Linux, the group it leads.</summary>
internal sealed partial class ChildProcess
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource<ProcessExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outputEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly IStartedProcess _process;
    private readonly ProcessSpec _spec;
    private readonly Action<ChildProcess> _onGone;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly ProcessGroup? _group;
    private StartPrecedence? _precedence;
    private long? _graceEnd;
    private bool _forced;

    private ChildProcess(IStartedProcess process, ProcessSpec spec, ProcessMark mark, Action<ChildProcess> onGone, TimeProvider timeProvider, ILogger logger)
    {
        _process = process;
        _spec = spec;
        _onGone = onGone;
        _timeProvider = timeProvider;
        _logger = logger;
        StartTime = timeProvider.GetUtcNow().UtcDateTime;
        if (OperatingSystem.IsLinux())
        {
            // It stays in the table, ended or not, until somebody waits for it.
            StartTicks = ProcessTable.Read(Id)?.StartTicks ?? 0;
            _group = new ProcessGroup(Id, StartTicks, mark);
        }
    }

    /// <summary>The process id; on Linux also that of its group.</summary>
    public int Id => _process.Id;

    /// <summary>When it was started, UTC.</summary>
    public DateTime StartTime { get; }

    /// <summary>The kernel's start time in clock ticks since boot; 0 where there is no <c>/proc</c>.</summary>
    public long StartTicks { get; }

    /// <summary>
    /// Completes when the process is gone and so is everything it left in its group; output may still be read
    /// (<see cref="OutputEnd"/>). Never fails.
    /// </summary>
    public Task<ProcessExit> Exit => _exit.Task;

    /// <summary>Completes when all output was handed to the sink, a second after <see cref="Exit"/> at most. Never fails.</summary>
    public Task OutputEnd => _outputEnd.Task;

    /// <summary>Starts the process described by <paramref name="startInfo"/>.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refused.</exception>
    /// <exception cref="InvalidOperationException">The system cannot start processes this way.</exception>
    internal static ChildProcess Start(
        ProcessStartInfo startInfo,
        ProcessSpec spec,
        ProcessMark mark,
        IConsoleSink sink,
        ChildScheduling scheduling,
        Action<ChildProcess> onStarted,
        Action<ChildProcess> onGone,
        TimeProvider timeProvider,
        ILogger logger)
    {
        var process = scheduling.Run<IStartedProcess>(
            () => OperatingSystem.IsLinux() ? SpawnedProcess.Start(startInfo) : FrameworkProcess.Start(startInfo));
        var child = new ChildProcess(process, spec, mark, onGone, timeProvider, logger);
        onStarted(child);
        _ = child.ReadOutputAsync(sink);
        _ = child.HandleExitAsync();
        return child;
    }

    /// <summary>Lets the process have the processors before others while it starts, until <see cref="SettleIn"/>; does nothing where that is not permitted.</summary>
    public void GoFirst()
    {
        if (OperatingSystem.IsLinux())
        {
            _precedence = new StartPrecedence(Id, _timeProvider);
        }
    }

    /// <summary>Ends what <see cref="GoFirst"/> began: the process is ready.</summary>
    public void SettleIn()
    {
        if (OperatingSystem.IsLinux() && !_exit.Task.IsCompleted)
        {
            _precedence?.End();
        }
    }

    /// <summary>Signals the process alone; false when it is gone. Linux only: elsewhere nothing is sent.</summary>
    public bool Signal(ProcessSignal signal) =>
        OperatingSystem.IsLinux() && _group is { } group && !_exit.Task.IsCompleted && group.SignalLeader(signal);

    /// <summary>Signals everything in the process's group; false when nobody is left. Linux only: elsewhere nothing is sent.</summary>
    public bool SignalGroup(ProcessSignal signal) =>
        OperatingSystem.IsLinux() && _group is { } group && !_exit.Task.IsCompleted && group.SignalAll(signal);

    /// <summary>
    /// Asks the process to stop, waits up to <paramref name="grace"/> for it and everything in its group, then ends what is left.
    /// Any number of callers may stop at once: the shortest grace counts. Where there are no signals it ends the tree at once.
    /// </summary>
    /// <param name="grace">Time to stop; zero or less kills at once.</param>
    /// <param name="cancellationToken">Cuts the grace short: the processes are killed, and the call still returns their end.</param>
    /// <exception cref="TimeoutException">The kernel cannot end the process: it hangs in a system call.</exception>
    public async Task<ProcessStop> StopAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        if (grace > TimeSpan.Zero && OperatingSystem.IsLinux() && AskToStop(grace))
        {
            try
            {
                return Stopped(await Exit.WaitAsync(grace, _timeProvider, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                Log.Forced(_logger, _spec.DisplayName, Id, _spec.StopSignal.ToName(), grace.TotalSeconds);
            }
        }

        Kill();
        try
        {
            return Stopped(await Exit.WaitAsync(KillTime, _timeProvider, CancellationToken.None).ConfigureAwait(false));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"'{_spec.DisplayName}' (pid {Id}) did not end within {KillTime.TotalSeconds} s of SIGKILL: it hangs in the kernel, usually on a disk or network file system.");
        }
    }

    private ProcessStop Stopped(ProcessExit exit) => new(exit, Volatile.Read(ref _forced));

    private bool AskToStop(TimeSpan grace)
    {
        lock (_lock)
        {
            if (_exit.Task.IsCompleted)
            {
                return true;
            }

            var first = _graceEnd is null;
            var end = _timeProvider.GetTimestamp() + (long)(grace.TotalSeconds * _timeProvider.TimestampFrequency);
            _graceEnd = Math.Min(_graceEnd ?? long.MaxValue, end);
            if (!first)
            {
                return true;
            }
        }

        // A suspended process cannot act on the signal; systemd wakes it for the same reason.
        var asked = _spec.StopsGroup ? SignalGroup(_spec.StopSignal) : Signal(_spec.StopSignal);
        SignalGroup(ProcessSignal.Continue);
        return asked || HasEnded;
    }

    private bool HasEnded => ProcessTable.Read(Id) is not { IsAlive: true } status || status.StartTicks != StartTicks;

    private void Kill()
    {
        lock (_lock)
        {
            if (_exit.Task.IsCompleted)
            {
                return;
            }

            _graceEnd = 0;
            _forced = true;
        }

        if (OperatingSystem.IsLinux())
        {
            SignalGroup(ProcessSignal.Kill);
            return;
        }

        try
        {
            _process.KillTree();
        }
        catch (Exception exception) when (exception is InvalidOperationException or AggregateException or System.ComponentModel.Win32Exception)
        {
            // It ended first.
            Log.KillRaced(_logger, _spec.DisplayName, Id, exception);
        }
    }

    private async Task ReadOutputAsync(IConsoleSink sink)
    {
        // Off the caller's thread: a chatty process would hold it.
        await Task.Yield();
        var output = new ConsoleReader(_spec.DisplayName, sink, _timeProvider, _logger);
        var error = new ConsoleReader(_spec.DisplayName, sink, _timeProvider, _logger);
        using var draining = new CancellationTokenSource();
        var reading = Task.WhenAll(
            output.ReadAsync(_process.Output, isError: false, draining.Token),
            error.ReadAsync(_process.Error, isError: true, draining.Token));
        await Task.WhenAny(reading, Exit).ConfigureAwait(false);

        // A process outside the group may hold the pipes for ever.
        draining.CancelAfter(DrainTime);
        await reading.ConfigureAwait(false);
        _outputEnd.SetResult();
    }

    private async Task HandleExitAsync()
    {
        var code = await _process.WaitAsync().ConfigureAwait(false);
        var exit = new ProcessExit(code, _timeProvider.GetUtcNow().UtcDateTime);
        if (OperatingSystem.IsLinux() && _group is { } group)
        {
            await ClearAsync(group).ConfigureAwait(false);
        }

        _onGone(this);
        lock (_lock)
        {
            _exit.SetResult(exit);
        }

        if (OperatingSystem.IsLinux())
        {
            _precedence?.Forget();
        }

        await OutputEnd.ConfigureAwait(false);
        _process.Dispose();
    }

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private async Task ClearAsync(ProcessGroup group)
    {
        if (RemainingGrace() is { } grace && grace > TimeSpan.Zero && group.Members().Count > 0)
        {
            if (!_spec.StopsGroup)
            {
                // The program's own signal went to it alone, and it ended without passing the word on.
                group.SignalAll(ProcessSignal.Terminate);
            }

            // It was asked to stop: what it started has the rest of the grace too. Waiting takes a thread, so not one of the pool.
            await Task.Factory.StartNew(
                () => group.WaitUntilEmpty(grace), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }

        if (group.Clear() && RemainingGrace() is not null)
        {
            Volatile.Write(ref _forced, true);
        }
    }

    private TimeSpan? RemainingGrace()
    {
        lock (_lock)
        {
            return _graceEnd is { } end ? _timeProvider.GetElapsedTime(_timeProvider.GetTimestamp(), end) : null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Process} (pid {ProcessId}) did not stop within {Seconds} s of {Signal}: killed.")]
        public static partial void Forced(ILogger logger, string process, int processId, string signal, double seconds);

        [LoggerMessage(LogLevel.Debug, "{Process} (pid {ProcessId}) ended before it was killed.")]
        public static partial void KillRaced(ILogger logger, string process, int processId, Exception exception);
    }
}
