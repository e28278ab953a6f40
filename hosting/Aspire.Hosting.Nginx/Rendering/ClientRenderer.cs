using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Who the client is where a trusted proxy in front of nginx says so.</summary>
internal static class ClientRenderer
{
    private const string Origin = "WithTrustedProxies";

    /// <summary>The scheme that the client used.</summary>
    public static string SchemeOf(NginxConfiguration configuration) => Proxies(configuration).IsEmpty ? "$scheme" : "$client_scheme";

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        var proxies = Proxies(configuration);
        if (proxies.IsEmpty)
        {
            return;
        }

        writer.Paragraph("The scheme of the client: X-Forwarded-Proto if a trusted proxy sent it", Origin);
        writer.Open("geo $realip_remote_addr $is_proxied");
        foreach (var proxy in proxies)
        {
            writer.Directive(proxy, "1");
        }

        writer.Close();
        writer.Map("\"$is_proxied $http_x_forwarded_proto\"", "$client_scheme", ("\"1 https\"", "https"), ("default", "$scheme"));
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        var proxies = Proxies(configuration);
        if (proxies.IsEmpty)
        {
            return;
        }

        writer.Paragraph("The address of the client: X-Forwarded-For if a trusted proxy sent it", Origin);
        foreach (var proxy in proxies)
        {
            writer.Directive("set_real_ip_from", proxy);
        }

        writer.Directive("real_ip_header", "X-Forwarded-For");
        if (!configuration.IsContainer && !proxies.Any(static proxy => proxy.EndsWith("/0", StringComparison.Ordinal)))
        {
            // Several may stand one behind the other. Where all addresses are trusted, it would be the first, which any client can write.
            writer.Directive("real_ip_recursive", "on");
        }
    }

    /// <summary>In a container an environment variable has one more.</summary>
    private static ImmutableArray<string> Proxies(NginxConfiguration configuration) => configuration.IsContainer
        ? [NginxVariables.Placeholder(NginxVariables.TrustedProxy), .. configuration.TrustedProxies]
        : configuration.TrustedProxies;
}

/// <summary>
/// The environment variables of a container with nginx. The entry point of nginx's image puts their values into the template
/// (<c>envsubst</c>).
/// </summary>
internal static class NginxVariables
{
    /// <summary>Addresses of name servers; the entry point of the image sets it from <c>/etc/resolv.conf</c>.</summary>
    public const string Resolvers = "NGINX_LOCAL_RESOLVERS";

    /// <summary><c>resolve</c> to look up the names of upstreams again and again, or empty to look them up once.</summary>
    public const string Resolve = "NGINX_RESOLVE";

    /// <summary>The addresses, as CIDR, of proxies in front of nginx that are trusted to say who the client is.</summary>
    public const string TrustedProxy = "NGINX_TRUSTED_PROXY";

    /// <summary>The certificate for TLS, as PEM.</summary>
    public const string Certificate = "NGINX_TLS_CERTIFICATE";

    /// <summary>Its private key, as PEM.</summary>
    public const string Key = "NGINX_TLS_KEY";

    /// <summary>The password of who may come in.</summary>
    public const string Password = "NGINX_BASIC_AUTH_PASSWORD";

    /// <summary>Every address, for a place where only an ingress reaches nginx.</summary>
    public const string Everybody = "0.0.0.0/0";

    /// <summary>Host and port of an upstream.</summary>
    public static string AddressOf(string upstream) => $"NGINX_UPSTREAM_{Suffix(upstream)}";

    /// <summary>The host name that an upstream is asked for, by which an ingress in front of it finds it.</summary>
    public static string HostOf(string upstream) => $"NGINX_HOST_{Suffix(upstream)}";

    /// <summary>The variable as a template writes it.</summary>
    public static string Placeholder(string variable) => $"${{{variable}}}";

    private static string Suffix(string upstream) => string.Concat(upstream.Select(static character =>
        char.IsAsciiLetterOrDigit(character) ? char.ToUpper(character, CultureInfo.InvariantCulture) : '_'));
}
