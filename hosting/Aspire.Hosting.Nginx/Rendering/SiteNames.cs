using System.Text.RegularExpressions;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>
/// Gives what a site declares in nginx's <c>http</c> block the name of the application: the sites of one nginx share those names, and the
/// last of two equal variables would hold for both sites.
/// </summary>
internal static partial class SiteNames
{
    /// <summary>The name of an upstream.</summary>
    public static string Upstream(string application, string upstream) => $"{application}_{upstream}";

    /// <summary>Renames the variables and the zones for limits in the text of a site.</summary>
    public static string Qualify(string application, string site)
    {
        var prefix = application.Replace('-', '_');
        var zones = Zone().Matches(site).Select(static zone => zone.Groups["name"].Value).ToHashSet();
        var variables = Variable().Matches(site).Select(static variable => variable.Groups["name"].Value).ToHashSet();
        var renamed = Word().Replace(site, word =>
            variables.Contains(word.Groups["variable"].Value)
                ? $"{word.Groups["start"].Value}{prefix}_{word.Groups["variable"].Value}"
                : word.Value);
        return zones.Aggregate(renamed, (text, zone) => Regex.Replace(text, $@"\b{zone}\b", $"{prefix}_{zone}"));
    }

    [GeneratedRegex(@"^(?:map|geo|split_clients) .*\$(?<name>\w+) \{$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(
        @"^(?:limit_(?:req|conn)_zone .* zone=| *ssl_session_cache +shared:|proxy_cache_path .* keys_zone=)(?<name>\w+):",
        RegexOptions.Multiline)]
    private static partial Regex Zone();

    [GeneratedRegex(@"(?<start>\$\{?)(?<variable>\w+)")]
    private static partial Regex Word();
}
