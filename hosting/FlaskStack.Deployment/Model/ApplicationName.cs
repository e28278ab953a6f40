using System.Text.RegularExpressions;

namespace Aspire.Hosting.Publishing.Values;

/// <summary>What an application is called where only small letters, digits and hyphens go.</summary>
internal static partial class ApplicationName
{
    private const string AppHostSuffix = ".AppHost";

    /// <summary>The name of an AppHost without what marks it as one: <c>FlaskStack.AppHost</c> is <c>flaskstack</c>.</summary>
    public static string Of(string appHost)
    {
        var name = appHost.EndsWith(AppHostSuffix, StringComparison.OrdinalIgnoreCase) ? appHost[..^AppHostSuffix.Length] : appHost;
        var plain = NotPlain().Replace(name.ToLowerInvariant(), "-").Trim('-');
        return plain.Length > 0 && char.IsAsciiLetter(plain[0]) ? plain : $"app-{plain}".TrimEnd('-');
    }

    /// <summary>Whether a text is such a name: a letter, then letters, digits and hyphens, at most 40 in all.</summary>
    public static bool IsValid(string name) => Plain().IsMatch(name);

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotPlain();

    [GeneratedRegex("^[a-z][a-z0-9-]{0,39}$")]
    private static partial Regex Plain();
}
