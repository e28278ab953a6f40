namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>The signals that may ask a process to end.</summary>
internal static class Signals
{
    private const int Terminate = 15;

    private static readonly Dictionary<string, int> Numbers = new()
    {
        ["SIGTERM"] = Terminate,
        ["SIGINT"] = 2,
        ["SIGQUIT"] = 3,
        ["SIGHUP"] = 1,
        ["SIGUSR1"] = OperatingSystem.IsMacOS() ? 30 : 10,
        ["SIGUSR2"] = OperatingSystem.IsMacOS() ? 31 : 12,
    };

    public static IReadOnlyCollection<string> Names => Numbers.Keys;

    /// <summary>The number of a signal; that of SIGTERM where none is named.</summary>
    public static int NumberOf(string? name) => name is null ? Terminate : Numbers[name];
}
