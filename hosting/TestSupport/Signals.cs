using System.Diagnostics;
using System.Globalization;

namespace TestSupport;

/// <summary>Signals to real processes.</summary>
internal static class Signals
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Sends a signal, e.g. <c>STOP</c>, to a process that is there.</summary>
    public static async Task SendAsync(string signal, int processId) => Assert.Equal(0, await KillAsync(signal, processId));

    /// <summary>Lets nginx finish its requests, and waits for its end, which may have been before.</summary>
    public static async Task QuitAsync(Process nginx)
    {
        await KillAsync("QUIT", nginx.Id);
        await nginx.WaitForExitAsync().WaitAsync(Deadline);
    }

    private static async Task<int> KillAsync(string signal, int processId)
    {
        using var kill = Process.Start("kill", [$"-{signal}", processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync().WaitAsync(Deadline);
        return kill.ExitCode;
    }
}
