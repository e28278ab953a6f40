using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Starts processes. On Linux each leads a session of its own (util-linux <c>setsid</c> executes it in place), so Ctrl+C in the
/// AppHost's terminal does not reach it and a signal to its group reaches all of it.
/// </summary>
internal sealed partial class ProcessLauncher(
    RunIdentity identity,
    ProcessGuard guard,
    LeftoverRegistry leftovers,
    ChildScheduling scheduling,
    TimeProvider timeProvider,
    ILogger<ProcessLauncher> logger)
{
    private const string SessionTool = "setsid";

    private readonly Lazy<string?> _sessionTool = new(() => FindSessionTool());

    /// <summary>Starts a process whose output goes to <paramref name="sink"/>.</summary>
    /// <exception cref="ProcessStartException">It cannot be started; the message says why and what to do.</exception>
    public ChildProcess Start(ProcessSpec spec, IConsoleSink sink)
    {
        var startInfo = Describe(spec, ExecutableFinder.Find(spec));
        guard.Start();
        try
        {
            return ChildProcess.Start(startInfo, spec, sink, scheduling, Register, Forget, timeProvider, logger);
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            throw new ProcessStartException($"Cannot start '{spec.DisplayName}' ({spec.FileName}): {exception.Message}", exception);
        }
    }

    /// <summary>Where <c>setsid</c> is; null when it is not installed.</summary>
    internal static string? FindSessionTool() =>
        ExecutableFinder.Search(SessionTool, System.Environment.GetEnvironmentVariable("PATH"))
        ?? ExecutableFinder.Search(SessionTool, "/usr/bin:/bin");

    private ProcessStartInfo Describe(ProcessSpec spec, string executable)
    {
        var startInfo = new ProcessStartInfo
        {
            FileName = executable,
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        if (OperatingSystem.IsLinux())
        {
            startInfo.FileName = _sessionTool.Value ?? throw new ProcessStartException(
                $"Cannot start '{spec.DisplayName}': '{SessionTool}' is missing. Install the package util-linux.");
            startInfo.ArgumentList.Add(executable);
        }

        foreach (var argument in spec.Arguments)
        {
            startInfo.ArgumentList.Add(argument);
        }

        SetEnvironment(startInfo, spec);
        return startInfo;
    }

    private void SetEnvironment(ProcessStartInfo startInfo, ProcessSpec spec)
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

        startInfo.Environment[RunIdentity.VariableName] = identity.Id;
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
