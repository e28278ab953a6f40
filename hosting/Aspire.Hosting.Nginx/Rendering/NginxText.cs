using System.Globalization;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Values as nginx's configuration language writes them.</summary>
internal static class NginxText
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Bytes, in the largest unit that keeps them whole.</summary>
    public static string Size(long bytes) => bytes switch
    {
        _ when bytes % MiB == 0 => Number(bytes / MiB) + "m",
        _ when bytes % KiB == 0 => Number(bytes / KiB) + "k",
        _ => Number(bytes),
    };

    /// <summary>A duration in seconds, or in milliseconds where it is not whole.</summary>
    public static string Time(TimeSpan value) =>
        value.Ticks % TimeSpan.TicksPerSecond == 0
            ? Number((long)value.TotalSeconds) + "s"
            : Number((long)value.TotalMilliseconds) + "ms";

    /// <summary>Quotes where nginx would otherwise see more than one word. A dollar sign cannot be escaped: validation keeps it out.</summary>
    public static string Quote(string value) =>
        value.Length > 0 && value.All(IsPlain)
            ? value
            : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static bool IsPlain(char character) => char.IsLetterOrDigit(character) || character is '/' or '.' or '-' or '_' or ':' or '*' or '+' or '@' or '%' or '~' or ',' or '=' or '[' or ']';
}
