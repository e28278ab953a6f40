using System.Diagnostics;

namespace Aspire.Hosting.Orchestration.Processes.Spawning;

/// <summary>A process started by .NET, for systems other than Linux.</summary>
internal sealed class FrameworkProcess : IStartedProcess
{
    private readonly Process _process;

    private FrameworkProcess(Process process) => _process = process;

    /// <inheritdoc/>
    public int Id => _process.Id;

    /// <inheritdoc/>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <inheritdoc/>
    public Stream Error => _process.StandardError.BaseStream;

    /// <summary>Starts it; it reads an end of file from its standard input.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refused.</exception>
    public static FrameworkProcess Start(ProcessStartInfo startInfo)
    {
        startInfo.RedirectStandardInput = true;
        startInfo.RedirectStandardOutput = true;
        startInfo.RedirectStandardError = true;
        startInfo.UseShellExecute = false;
        startInfo.CreateNoWindow = true;
        var process = new Process { StartInfo = startInfo };
        try
        {
            process.Start();
        }
        catch
        {
            process.Dispose();
            throw;
        }

        process.StandardInput.Close();
        return new FrameworkProcess(process);
    }

    /// <inheritdoc/>
    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void KillTree() => _process.Kill(entireProcessTree: true);

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
