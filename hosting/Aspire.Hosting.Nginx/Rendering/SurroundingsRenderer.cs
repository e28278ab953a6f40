using static Aspire.Hosting.Nginx.Publishing.NginxVariables;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>What a published nginx reads from environment variables, because only the place that it runs in knows it.</summary>
internal static class SurroundingsRenderer
{
    /// <summary>The scheme that the client used, which an ingress in front of nginx knows.</summary>
    public const string ClientScheme = "$client_scheme";

    /// <summary>The host name that the members of an upstream are asked for.</summary>
    public const string MemberHost = "$member_host";

    public static void WriteHttp(NginxConfigWriter writer)
    {
        writer.Paragraph("Names are looked up again while nginx runs");
        writer.Directive("resolver", $"{Placeholder(Resolvers)} valid=10s");

        writer.Paragraph("A proxy in front of nginx is believed who the client is, and nobody else");
        writer.Directives(("set_real_ip_from", Placeholder(TrustedProxy)), ("real_ip_header", "X-Forwarded-For"));
        writer.Open("geo $realip_remote_addr $is_proxied");
        writer.Directive(Placeholder(TrustedProxy), "1");
        writer.Close();
        writer.Open($"map \"$is_proxied $http_x_forwarded_proto\" {ClientScheme}");
        writer.Directives(("\"1 https\"", "https"), ("default", "$scheme"));
        writer.Close();
    }

    /// <summary>Says for which host the members are asked where a request is passed to them.</summary>
    public static void WriteLocation(NginxConfigWriter writer, string host) => writer.Directive("set", $"{MemberHost} \"{host}\"");

    /// <summary>Lets TLS know the name, too.</summary>
    public static void WriteTls(NginxConfigWriter writer) =>
        writer.Directives(("proxy_ssl_server_name", "on"), ("proxy_ssl_name", MemberHost));
}
