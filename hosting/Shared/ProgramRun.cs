using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Hosting.Shared;

/// <summary>Runs programs to their end.</summary>
internal static class ProgramRun
{
    /// <summary>Runs a program that reads nothing.</summary>
    /// <param name="start">The program.</param>
    /// <param name="output">Called with each line that it writes, one at a time.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="DistributedApplicationException">It could not be started.</exception>
    public static async Task<int> RunAsync(ProcessStartInfo start, Action<string> output, CancellationToken cancellationToken)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using var process = Start(start);
        process.StandardInput.Close();
        var reading = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, output));
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new DistributedApplicationException($"{start.FileName} cannot be run: {exception.Message}.", exception);
        }
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> output)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            lock (output)
            {
                output(line);
            }
        }
    }
}
