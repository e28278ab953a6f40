namespace Aspire.Hosting.Cli;

/// <summary>Configuration keys of the CLI: what it tells an AppHost that it starts, as environment variables, and one of our own.</summary>
internal static class CliKeys
{
    /// <summary>Whether the CLI may ask this AppHost anything. Default true; false in tests.</summary>
    public const string Enabled = "Cli:Enabled";

    /// <summary>The Unix socket that the AppHost is to listen on for the CLI that started it.</summary>
    public const string BackchannelPath = "ASPIRE_BACKCHANNEL_PATH";

    /// <summary>The process id of that CLI.</summary>
    public const string ProcessId = "ASPIRE_CLI_PID";

    /// <summary>When that CLI started: seconds since 1970.</summary>
    public const string Started = "ASPIRE_CLI_STARTED";

    /// <summary>When that CLI started: milliseconds on a clock that is never set.</summary>
    public const string StartedStable = "ASPIRE_CLI_STARTED_STABLE";

    /// <summary>The file that CLI logs to.</summary>
    public const string LogFile = "ASPIRE_CLI_LOG_FILE";
}
