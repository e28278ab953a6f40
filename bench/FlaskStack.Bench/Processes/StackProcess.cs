using System.Diagnostics;

namespace FlaskStack.Bench.Processes;

/// <summary>A program that the bench started, in a session of its own, with its console in a file.</summary>
internal sealed class StackProcess : IDisposable
{
    private readonly Process _process;

    private StackProcess(Process process) => _process = process;

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="folder">Its working directory.</param>
    /// <param name="logFile">Where its console goes.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    public static StackProcess Start(
        IReadOnlyList<string> command,
        string folder,
        string logFile,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("setsid", ["sh", "-c", "exec \"$@\" >> \"$0\" 2>&1", logFile, .. command])
        {
            WorkingDirectory = folder,
        };
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start) ?? throw new BenchException($"{command[0]} was not started."));
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int signal)
    {
        if (!_process.HasExited)
        {
            NativeMethods.Signal(_process.Id, signal);
        }
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Ends it: by SIGTERM, and by SIGKILL after a while.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        Signal(NativeMethods.Terminate);
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Signal(NativeMethods.KillSignal);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    /// <summary>Settings of the shell that the bench runs in are none of the stacks'.</summary>
    private static bool IsForeign(string name) =>
        name.Contains("__", StringComparison.Ordinal)
        || name.StartsWith("ASPIRE_", StringComparison.Ordinal)
        || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || name.StartsWith("OTEL_", StringComparison.Ordinal);
}
