using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Sends a client to the member that it had before: a cookie names the member.</summary>
/// <remarks>
/// Each member has an upstream of its own, with the others as backup. In a container one name stands for all members: there the cookie is a
/// random key, whose hash selects the member.
/// </remarks>
internal static class StickyRenderer
{
    private const string Origin = "WithStickySessions";
    private const string Secure = "$sticky_secure";

    /// <summary>The upstream that a request went to.</summary>
    private const string Chosen = "$sticky_upstream";
    private const int TokenLength = 16;

    /// <summary>The name of an upstream in <c>proxy_pass</c>: one that depends on the cookie where sessions are sticky.</summary>
    public static string NameOf(NginxConfiguration configuration, NginxUpstream upstream) =>
        IsSticky(configuration, upstream) && !configuration.IsContainer ? $"$sticky_{VariableOf(upstream)}" : upstream.Name;

    /// <summary>The balancing method of an upstream whose members nginx does not know, or null.</summary>
    public static string? MethodOf(NginxConfiguration configuration, NginxUpstream upstream) =>
        IsSticky(configuration, upstream) && configuration.IsContainer ? $"hash $sticky_{VariableOf(upstream)} consistent" : null;

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        var sticky = StickyOf(configuration, upstreams);
        if (sticky.Length == 0)
        {
            return;
        }

        writer.Paragraph("Cookies of a client with TLS are for TLS only, and each is set in responses of its upstream", Origin);
        writer.Map(ClientRenderer.SchemeOf(configuration), Secure, ("https", "\"; Secure\""), ("default", "\"\""));
        writer.Map("\"\"", Chosen, ("default", "\"\""));
        foreach (var upstream in sticky)
        {
            if (configuration.IsContainer)
            {
                WriteKey(writer, configuration, upstream);
            }
            else
            {
                WriteMembers(writer, configuration, upstream);
            }
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        var sticky = StickyOf(configuration, upstreams);
        if (sticky.Length > 0)
        {
            writer.Paragraph("The cookie that names the member, where the client has none or another", Origin);
            foreach (var upstream in sticky)
            {
                writer.Directive("add_header", $"Set-Cookie $sticky_cookie_{VariableOf(upstream)} always");
            }
        }
    }

    /// <summary>Notes the upstream of a location.</summary>
    public static void WriteRoute(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        if (IsSticky(configuration, upstream))
        {
            writer.Directive("set", $"{Chosen} {upstream.Name}");
        }
    }

    private static bool IsSticky(NginxConfiguration configuration, NginxUpstream upstream) =>
        configuration.Sticky is not null
        && upstream is { Host: null, IsHttp2: false }
        && upstream.Members.Length > (configuration.IsContainer ? 0 : 1)
        && configuration.Routes.Any(route => route.Upstreams.Contains(upstream.Name));

    private static NginxUpstream[] StickyOf(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) =>
    [
        .. upstreams
            .Where(upstream => IsSticky(configuration, upstream))
            .OrderBy(static upstream => upstream.Name, StringComparer.Ordinal),
    ];

    private static void WriteMembers(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        var (cookie, name) = (CookieOf(configuration, upstream), VariableOf(upstream));
        string[] members = [.. upstream.Members.Distinct().Order(StringComparer.Ordinal)];
        writer.Paragraph($"The member of {upstream.Name} that a client had before, by its cookie", Origin);
        writer.Map(
            $"$cookie_{cookie}",
            $"$sticky_{name}",
            [.. members.Select(member => (TokenOf(member), $"{upstream.Name}_{TokenOf(member)}")), ("default", upstream.Name)]);
        foreach (var member in members)
        {
            writer.Open($"upstream {upstream.Name}_{TokenOf(member)}");
            writer.Directive("server", $"{Quote(member)} max_fails=0");
            foreach (var other in members.Where(other => other != member))
            {
                writer.Directive("server", $"{Quote(other)} {UpstreamRenderer.LimitsOf(configuration, upstream)} backup");
            }

            UpstreamRenderer.WriteKeepAlive(writer, configuration);
            writer.Close();
        }

        writer.Paragraph("The member that has answered, and the cookie that names it", Origin);
        writer.Map(
            "$upstream_addr",
            $"$sticky_member_{name}",
            [.. members.Select(member => (Quote($"~(?:^| ){Regex.Escape(member)}$"), TokenOf(member)))]);
        WriteCookie(writer, configuration, upstream, $"$sticky_member_{name}");
    }

    private static void WriteKey(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        var (cookie, name) = (CookieOf(configuration, upstream), VariableOf(upstream));
        writer.Paragraph($"The key of a client, whose hash selects the member of {upstream.Name}", Origin);
        writer.Map($"$cookie_{cookie}", $"$sticky_{name}", ("\"\"", "$request_id"), ("default", $"$cookie_{cookie}"));
        WriteCookie(writer, configuration, upstream, $"$sticky_{name}");
    }

    /// <summary>None where no member has answered, and where the client has it.</summary>
    private static void WriteCookie(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream, string value)
    {
        var cookie = CookieOf(configuration, upstream);
        writer.Map(
            $"\"{Chosen} $status {value} $cookie_{cookie} $upstream_addr\"",
            $"$sticky_cookie_{VariableOf(upstream)}",
            ($"\"~^(?!{Regex.Escape(upstream.Name)} )|^\\S+ (?:50[24] |\\d+  |\\d+ (\\S+) \\1 )| $\"", "\"\""),
            ("default", $"\"{cookie}={value}; Path=/; HttpOnly; SameSite=Lax{Secure}\""));
    }

    /// <summary>A name for a member that says nothing about it.</summary>
    private static string TokenOf(string member) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(member)))[..TokenLength];

    private static string CookieOf(NginxConfiguration configuration, NginxUpstream upstream) =>
        $"{configuration.Sticky!.CookieName}_{upstream.Name.ToLowerInvariant().Replace('-', '_')}";

    private static string VariableOf(NginxUpstream upstream) => VariablePart(upstream.Name);
}
