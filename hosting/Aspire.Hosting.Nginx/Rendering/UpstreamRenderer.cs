using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>The upstreams, and the retry of requests that failed because members are down.</summary>
internal static class UpstreamRenderer
{
    /// <summary>nginx's answer when no member has given one.</summary>
    public const int BadGateway = 502;

    private const string RetryLocation = "@retry_all";
    private const string RetryUpstream = "$retry_all";
    private const string NoRetry = "$no_retry";

    /// <summary>
    /// Requests on a connection to members that nginx does not see: a new connection goes to another of them, so that a new member gets
    /// its share.
    /// </summary>
    private const string RequestsToHiddenMembers = "1000";

    /// <summary>A status that no response has.</summary>
    private const int NeverUsed = 599;

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (HasRetry(configuration, upstreams))
        {
            WriteRetryMap(writer, configuration.Upstream.Tries);
        }

        var used = configuration.Routes.IsEmpty ? [] : upstreams.Where(static upstream => !upstream.Members.IsEmpty);
        foreach (var upstream in used.OrderBy(Name, StringComparer.Ordinal))
        {
            WriteUpstream(writer, configuration, upstream);
            if (upstream.Members.Length > 1)
            {
                WriteRetryUpstream(writer, upstream);
            }
        }
    }

    /// <summary>Whether a request is tried on all members when those that are down have used up its tries.</summary>
    public static bool HasRetry(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) =>
        upstreams.Any(upstream =>
            (upstream.Members.Length > 1 || IsLookedUp(configuration, upstream))
            && configuration.Routes.Any(route => route.Upstream == upstream.Name));

    /// <summary>Lets the requests of a location be retried.</summary>
    public static void WriteRetryOf(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        if (upstream.Members.Length > 1)
        {
            writer.Directive("set", $"{RetryUpstream} {upstream.Scheme}://{RetryName(upstream)}");
        }
        else if (IsLookedUp(configuration, upstream))
        {
            writer.Directive("set", $"{RetryUpstream} {upstream.Scheme}://{upstream.Members[0]}");
        }
    }

    /// <summary>The retry itself.</summary>
    /// <remarks>
    /// Plain directives do not do it. With <c>max_fails=1</c> and tries without a limit, restarts of two members one after the other
    /// answered more than a third of the requests with 502. With <c>max_fails=0</c> they lost none, but every request that meets a member
    /// that is down writes a line to the error log: with one of two down, nginx served a third as many requests and wrote thousands of
    /// lines a second.
    /// </remarks>
    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        writer.Paragraph("Retry of requests that failed because members are down.", "WithUpstream");
        writer.Comment(
            "nginx counts a member that is down as a try, and skips a member that failed for a moment, even if it is up again. So that",
            $"a restart loses no request, one that got 502 for these reasons is sent to all members again; {NoRetry} has the exceptions.");
        writer.Directive("set", $"{RetryUpstream} \"\"");
        writer.Directive("recursive_error_pages", "on");
        writer.Directive("error_page", $"{Number(BadGateway)} = {RetryLocation}");
        writer.Open($"location {RetryLocation}");
        if (configuration.ErrorPages.IsEmpty)
        {
            writer.Comment("Replaces the error_page above, which would lead here again");
            writer.Directive("error_page", $"{Number(NeverUsed)} /");
        }
        else
        {
            writer.Comment("Replace the error_page above, which would lead here again");
            ErrorPageRenderer.WriteDirectives(writer, configuration.ErrorPages, static _ => true);
        }

        writer.Comment("The first attempt has logged which members are down");
        writer.Directive("error_log", "stderr emerg");
        writer.Open($"if ({NoRetry})");
        writer.Directive("return", Number(BadGateway));
        writer.Close();
        writer.Directive("proxy_next_upstream_tries", "0");
        writer.Directive("proxy_pass", RetryUpstream);
        writer.Close();
    }

    private static string Name(NginxUpstream upstream) => upstream.Name;

    private static string RetryName(NginxUpstream upstream) => $"{upstream.Name}_retry_all";

    /// <summary>
    /// Whether a retry looks up the name of the members itself, and waits for the answer: an upstream whose name is looked up while nginx
    /// runs has no members until the first answer, and for some seconds those that have gone.
    /// </summary>
    private static bool IsLookedUp(NginxConfiguration configuration, NginxUpstream upstream) =>
        configuration is { IsContainer: true, HasHiddenMembers: false } && upstream is { Host: null, Members.Length: 1 };

    private static void WriteUpstream(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        var settings = configuration.Upstream;
        var resolve = configuration.IsContainer ? $" {NginxVariables.Placeholder(NginxVariables.Resolve)}" : string.Empty;
        var limits = configuration.HasHiddenMembers
            ? "max_fails=0" : $"max_fails={Number(settings.MaxFails)} fail_timeout={Time(settings.FailTimeout)}";
        writer.Paragraph($"Members of {upstream.Name}", "WithUpstream");
        writer.Open($"upstream {upstream.Name}");
        writer.Directive("zone", $"{upstream.Name} 256k");
        if (MethodDirective(settings.LoadBalancing) is { } method)
        {
            writer.Directive(method);
        }

        foreach (var member in MembersOf(upstream))
        {
            // What fails on one line is tried on the next: the same address leads to another member.
            for (var line = configuration.HasHiddenMembers ? settings.Tries : 1; line > 0; line--)
            {
                writer.Directive("server", $"{Quote(member)}{resolve} {limits}");
            }
        }

        if (settings.KeepAliveConnections > 0)
        {
            writer.Directive("keepalive", Number(settings.KeepAliveConnections));
            writer.Directive("keepalive_timeout", Time(settings.KeepAliveTimeout));
            writer.Directive(
                "keepalive_requests", configuration.HasHiddenMembers ? RequestsToHiddenMembers : NginxConfigRenderer.RequestsPerConnection);
        }

        writer.Close();
    }

    private static void WriteRetryUpstream(NginxConfigWriter writer, NginxUpstream upstream)
    {
        writer.Paragraph("The same for a retry, which skips none", "WithUpstream");
        writer.Open($"upstream {RetryName(upstream)}");
        foreach (var member in MembersOf(upstream))
        {
            writer.Directive("server", $"{Quote(member)} max_fails=0");
        }

        writer.Close();
    }

    private static IEnumerable<string> MembersOf(NginxUpstream upstream) => upstream.Members.Distinct().Order(StringComparer.Ordinal);

    /// <remarks>The connect time of a member that is down is "-".</remarks>
    private static void WriteRetryMap(NginxConfigWriter writer, int tries)
    {
        writer.Paragraph($"Requests that {RetryLocation} does not send again: 1 = no retry", "WithUpstream");
        writer.Open($"map \"{RetryUpstream} $request_method $upstream_connect_time\" {NoRetry}");
        writer.CommentedDirectives(
            ("\"~^ \"", "1", "there are no other members"),
            ("\"~^[^ ]+ [^ ]+ [-, ]*$\"", "\"\"", "no member has received it"),
            ("\"~ (?:POST|LOCK|PATCH) \"", "1", "a second execution could do harm"),
            ($"\"~ (?:[-, ]*[0-9]+\\.[0-9]+){{{Number(tries)}}}\"", "1", $"{Number(tries)} members have received it"),
            ("\"~ -\"", "\"\"", "some members were down"),
            ("default", "1", "all were up"));
        writer.Close();
    }

    private static string? MethodDirective(NginxLoadBalancing method) => method switch
    {
        NginxLoadBalancing.LeastConnections => "least_conn",
        NginxLoadBalancing.IpHash => "ip_hash",
        _ => null,
    };
}
