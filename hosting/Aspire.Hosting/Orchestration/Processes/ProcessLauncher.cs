using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Starts processes. On Linux each leads a group of its own, so Ctrl+C in the AppHost's terminal does not reach it and a signal to its
/// group reaches all of it.
/// </summary>
internal sealed partial class ProcessLauncher(
    RunIdentity identity,
    ProcessGuard guard,
    LeftoverRegistry leftovers,
    ChildScheduling scheduling,
    TimeProvider timeProvider,
    ILogger<ProcessLauncher> logger)
{
    private int _started;

    /// <summary>Starts a process whose output goes to <paramref name="sink"/>.</summary>
    /// <exception cref="ProcessStartException">It cannot be started; the message says why and what to do.</exception>
    public ChildProcess Start(ProcessSpec spec, IConsoleSink sink)
    {
        var mark = identity.MarkOf(Interlocked.Increment(ref _started));
        var startInfo = Describe(spec, ExecutableFinder.Find(spec), mark);
        guard.Start();
        try
        {
            return ChildProcess.Start(startInfo, spec, mark, sink, scheduling, Register, Forget, timeProvider, logger);
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            throw new ProcessStartException($"Cannot start '{spec.DisplayName}' ({spec.FileName}): {exception.Message}", exception);
        }
    }

    private ProcessStartInfo Describe(ProcessSpec spec, string executable, ProcessMark mark)
    {
        var startInfo = new ProcessStartInfo(executable) { WorkingDirectory = spec.WorkingDirectory };
        foreach (var argument in spec.Arguments)
        {
            startInfo.ArgumentList.Add(argument);
        }

        SetEnvironment(startInfo, spec);
        startInfo.Environment[RunIdentity.VariableName] = identity.Id;
        startInfo.Environment[ProcessMark.VariableName] = mark.Value;
        return startInfo;
    }

    private static void SetEnvironment(ProcessStartInfo startInfo, ProcessSpec spec)
    {
        foreach (var (name, value) in spec.Environment)
        {
            if (value is null)
            {
                startInfo.Environment.Remove(name);
            }
            else
            {
                startInfo.Environment[name] = value;
            }
        }
    }

    private void Register(ChildProcess child)
    {
        guard.Add(child.Id, child.StartTicks);
        leftovers.Add(child.Id, child.StartTicks);
        Log.Started(logger, child.Id);
    }

    private void Forget(ChildProcess child)
    {
        guard.Remove(child.Id);
        leftovers.Remove(child.Id);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "Started process {ProcessId}.")]
        public static partial void Started(ILogger logger, int processId);
    }
}
