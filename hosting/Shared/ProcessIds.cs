using System.Globalization;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Shared;

/// <summary>The processes of this machine.</summary>
internal static class ProcessIds
{
    /// <summary>The ids of all processes, from <c>/proc</c>.</summary>
    [SupportedOSPlatform("linux")]
    public static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(static folder => int.TryParse(Path.GetFileName(folder.AsSpan()), CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(static id => id != 0);
}
