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
