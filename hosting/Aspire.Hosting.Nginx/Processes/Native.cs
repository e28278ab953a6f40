using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>What .NET has no call for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Native
{
    public const int Hangup = 1;
    public const int Quit = 3;
    public const int Kill = 9;

    /// <summary>Sends a signal.</summary>
    /// <returns>Whether the process is there and may be signalled.</returns>
    public static bool Send(int signal, int processId) => SendSignal(processId, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}

/// <summary>How many files a process of this user may open.</summary>
internal static class OpenFilesLimit
{
    private const string LimitsFile = "/proc/self/limits";

    /// <summary>The hard limit, or null where there is none or it is not known.</summary>
    public static long? Hard()
    {
        var line = File.Exists(LimitsFile)
            ? File.ReadLines(LimitsFile).FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            : null;
        return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, _, var hard, ..]
            && long.TryParse(hard, CultureInfo.InvariantCulture, out var limit)
                ? limit
                : null;
    }
}

/// <summary>The file with the certificate authorities that this machine trusts.</summary>
internal static class CertificateFile
{
    /// <summary>Where distributions and Homebrew keep it.</summary>
    private static readonly string[] Paths =
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/cert.pem",
        "/opt/homebrew/etc/ca-certificates/cert.pem",
    ];

    /// <summary>Its path, or null where there is none.</summary>
    public static string? Find() => Paths.FirstOrDefault(File.Exists);
}
