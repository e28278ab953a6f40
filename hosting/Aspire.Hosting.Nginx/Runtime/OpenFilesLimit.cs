using System.Globalization;

namespace Aspire.Hosting.Nginx.Runtime;

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
