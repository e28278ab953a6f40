namespace Aspire.Hosting.ApplicationModel;

/// <summary>Puts together the URLs that are shown with a resource.</summary>
internal static class ResourceUrls
{
    /// <summary>Whether a URL needs another before it.</summary>
    public static bool IsRelative(string url) => url.StartsWith('/') || !Uri.TryCreate(url, UriKind.Absolute, out _);

    /// <summary>Puts a relative URL behind an absolute one.</summary>
    public static string Combine(string absolute, string relative) => new Uri(new Uri(absolute), relative).ToString();
}
