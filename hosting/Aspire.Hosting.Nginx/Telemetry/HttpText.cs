namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>What stands in a request line.</summary>
internal static class RequestTarget
{
    /// <summary>The path without the query, which may hold secrets; also of an absolute target. Empty for others, such as <c>*</c>.</summary>
    public static string PathOf(string target)
    {
        var end = target.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? target : target[..end];
        if (path.StartsWith('/'))
        {
            return path;
        }

        var authority = path.IndexOf("://", StringComparison.Ordinal);
        var slash = authority < 0 ? -1 : path.IndexOf('/', authority + 3);
        return slash < 0 ? authority < 0 ? "" : "/" : path[slash..];
    }
}

/// <summary>The methods OpenTelemetry knows (RFC 9110 and PATCH); any other is one of a kind, so that clients cannot invent series.</summary>
internal static class HttpMethods
{
    public const string Other = "_OTHER";

    private static readonly string[] Known = ["GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE"];
    private static readonly byte[][] KnownBytes = [.. Known.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>The number of a method.</summary>
    public static int NumberOf(ReadOnlySpan<byte> method)
    {
        for (var number = 0; number < KnownBytes.Length; number++)
        {
            if (KnownBytes[number].AsSpan().SequenceEqual(method))
            {
                return number;
            }
        }

        return KnownBytes.Length;
    }

    public static string NameOf(int number) => number < Known.Length ? Known[number] : Other;
}

/// <summary>Times as OTLP writes them.</summary>
internal static class UnixTime
{
    private const ulong NanosecondsPerTick = 100;

    public static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NanosecondsPerTick;

    public static ulong FromMilliseconds(long milliseconds) => (ulong)milliseconds * 1_000_000;
}
