using System.Text;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>The request line that a client sent, such as <c>GET /orders?id=1 HTTP/1.1</c>.</summary>
internal static class RequestLine
{
    /// <summary>What stands for a method that OpenTelemetry does not know, so that clients cannot invent series.</summary>
    public const string OtherMethod = "_OTHER";

    /// <summary>RFC 9110 and PATCH.</summary>
    private static readonly string[] KnownMethods = ["GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE"];

    /// <summary>The method, or <see cref="OtherMethod"/>.</summary>
    public static string MethodOf(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)' ');
        foreach (var known in end < 0 ? [] : KnownMethods)
        {
            if (Ascii.Equals(line[..end], known))
            {
                return known;
            }
        }

        return OtherMethod;
    }

    /// <summary>The part behind the method; empty where there is none.</summary>
    public static string TargetOf(string line) => line.Split(' ') is [_, var target, ..] ? target : "";

    /// <summary>
    /// The path without the query, which may hold secrets; also of an absolute target. Empty for others, such as <c>*</c>.
    /// </summary>
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
