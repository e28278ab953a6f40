using System.Runtime.InteropServices;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>
/// Takes SIGHUP for "reload", as gunicorn's master and nginx do. A terminal that is closed sends the same signal: who has lost it
/// must still end, or nobody could stop it any more.
/// </summary>
internal sealed class HangUpSignal : IDisposable
{
    private const string Terminal = "/dev/tty";

    private readonly bool _hadTerminal = HasTerminal();
    private readonly PosixSignalRegistration _registration;

    private HangUpSignal(Action reload, Action stop) => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        (_hadTerminal && !HasTerminal() ? stop : reload)();
    });

    /// <summary>Listens until disposed; on Windows, which has no such signal, there is nothing to listen to.</summary>
    public static HangUpSignal? Listen(Action reload, Action stop) => OperatingSystem.IsWindows() ? null : new HangUpSignal(reload, stop);

    public void Dispose() => _registration.Dispose();

    /// <summary>Opening fails where there is no terminal, or none any more.</summary>
    private static bool HasTerminal()
    {
        try
        {
            using var terminal = File.OpenHandle(Terminal);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
