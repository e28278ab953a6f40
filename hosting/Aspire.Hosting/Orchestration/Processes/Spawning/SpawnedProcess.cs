using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Orchestration.Processes.Spawning;

/// <summary>
/// A process that leads a group of its own in the AppHost's session. A signal to the group reaches all of it, and Ctrl+C in the AppHost's
/// terminal reaches none of it.
/// </summary>
/// <remarks>
/// Not a session of its own: Linux gives each session an equal share of the processors (<c>CONFIG_SCHED_AUTOGROUP</c>) and schedules the
/// sessions against each other before the processes in them, so that a proxy and its members in sessions of their own change places three times as often.
/// .NET starts processes in the group of the parent only.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class SpawnedProcess : IStartedProcess
{
    private const int InputDescriptor = 0;
    private const int OutputDescriptor = 1;
    private const int ErrorDescriptor = 2;

    // Parts of a status of waitpid(2).
    private const int SignalMask = 0x7f;
    private const int CodeShift = 8;
    private const int CodeMask = 0xff;

    // What an end is that somebody else took from the process table, so that nobody knows how it came.
    private const int UnknownCode = -1;

    private const int WaiterStackBytes = 256 * 1024;

    private readonly AnonymousPipeServerStream _output;
    private readonly AnonymousPipeServerStream _error;

    private SpawnedProcess(int id, AnonymousPipeServerStream output, AnonymousPipeServerStream error)
    {
        Id = id;
        _output = output;
        _error = error;
    }

    /// <inheritdoc/>
    public int Id { get; }

    /// <inheritdoc/>
    public Stream Output => _output;

    /// <inheritdoc/>
    public Stream Error => _error;

    /// <summary>Starts it; it reads an end of file from its standard input.</summary>
    /// <param name="startInfo">The full path of the program, its arguments, environment and folder; nothing else counts.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refused.</exception>
    /// <exception cref="InvalidOperationException">The C library is too old.</exception>
    public static SpawnedProcess Start(ProcessStartInfo startInfo)
    {
        var output = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var error = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        try
        {
            using var actions = new SpawnActions();
            actions.OpenNull(InputDescriptor);
            actions.Duplicate(output.ClientSafePipeHandle, OutputDescriptor);
            actions.Duplicate(error.ClientSafePipeHandle, ErrorDescriptor);
            actions.ChangeFolder(startInfo.WorkingDirectory);
            using var attributes = new SpawnAttributes();
            var id = SpawnMethods.Spawn(
                startInfo.FileName,
                actions.Address,
                attributes.Address,
                [startInfo.FileName, .. startInfo.ArgumentList],
                [.. startInfo.Environment.Select(variable => $"{variable.Key}={variable.Value}")]);
            return new SpawnedProcess(id, output, error);
        }
        catch
        {
            output.Dispose();
            error.Dispose();
            throw;
        }
        finally
        {
            // The process alone holds the ends it writes to, so that they close with it.
            output.DisposeLocalCopyOfClientHandle();
            error.DisposeLocalCopyOfClientHandle();
        }
    }

    /// <inheritdoc/>
    /// <remarks>What follows the end runs on the thread that waited: it never waits for a busy thread pool.</remarks>
    public Task<int> WaitAsync()
    {
        var end = new TaskCompletionSource<int>();
        new Thread(() => end.SetResult(Wait()), WaiterStackBytes)
        {
            IsBackground = true,
            Name = string.Create(CultureInfo.InvariantCulture, $"end of {Id}"),
        }.Start();
        return end.Task;
    }

    /// <inheritdoc/>
    public void KillTree() => NativeMethods.Kill(-Id, (int)ProcessSignal.Kill);

    /// <inheritdoc/>
    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private int Wait()
    {
        int ended;
        int status;
        do
        {
            ended = SpawnMethods.Wait(Id, out status, 0);
        }
        while (ended < 0 && Marshal.GetLastPInvokeError() == NativeMethods.Interrupted);

        if (ended != Id)
        {
            return UnknownCode;
        }

        var signal = status & SignalMask;
        return signal == 0 ? (status >> CodeShift) & CodeMask : ProcessExit.SignalBase + signal;
    }
}
