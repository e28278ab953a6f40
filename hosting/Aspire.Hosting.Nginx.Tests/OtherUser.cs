using System.Diagnostics;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Acts as an ordinary user beside the one that runs the tests.</summary>
internal static class OtherUser
{
    public const uint Nobody = 65534;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Runs a line of the shell.</summary>
    /// <returns>Whether it succeeded.</returns>
    public static async Task<bool> RunAsync(string line, uint user = Nobody, uint group = Nobody)
    {
        using var shell = Process.Start("setpriv", [$"--reuid={user}", $"--regid={group}", "--clear-groups", "sh", "-c", line]);
        try
        {
            await shell.WaitForExitAsync().WaitAsync(Deadline);
            return shell.ExitCode == 0;
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }
}

/// <summary>A test that acts as another user; skipped where the tests do not run as root.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Reason;

    public static string? Reason { get; } = Environment.IsPrivilegedProcess && ExecutablePath.Find("setpriv") is not null
        ? null
        : "Only root can act as another user.";
}

/// <summary>The same for a theory.</summary>
internal sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = RootFactAttribute.Reason;
}
