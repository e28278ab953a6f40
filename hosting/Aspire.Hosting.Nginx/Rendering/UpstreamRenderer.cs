using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>The upstreams, and the retry of requests that failed because members are down.</summary>
internal static class UpstreamRenderer
{
    /// <summary>nginx's answer when no member has given one.</summary>
    public const int BadGateway = 502;

    /// <summary>Whether a request may be executed twice, by its method.</summary>
    public const string MethodKind = "$method_kind";

    /// <summary>It may.</summary>
    public const string Idempotent = "idempotent";

    /// <summary>It may not, and nginx knows.</summary>
    public const string Unsafe = "unsafe";

    /// <summary>It may not, but nginx, which does not know the method, would send it again.</summary>
    public const string Other = "other";

    private const string Origin = "WithUpstream";
    private const string RetryUpstream = "$retry_all";
    private const string Next = "$next_attempt";
    private const string RetryLocation = "@retry_all";
    private const string OneByOneLocation = "@retry_one";
    private const string NewConnection = "_new_connection";
    private const string GiveUpLocation = "@no_retry";

    /// <summary>
    /// Requests on a connection to members that nginx does not see: a new connection goes to another of them, so that a new member gets
    /// its share.
    /// </summary>
    private const string RequestsToHiddenMembers = "1000";

    /// <summary>Those of RFC 9110, section 9.2.2, and of IANA's registry.</summary>
    private static readonly string[] IdempotentMethods =
    [
        "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "DELETE", "GET", "HEAD", "LABEL", "LINK", "MERGE", "MKACTIVITY",
        "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS", "ORDERPATCH", "PROPFIND", "PROPPATCH", "PUT", "QUERY",
        "REBIND", "REPORT", "SEARCH", "TRACE", "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF",
        "VERSION-CONTROL",
    ];

    private static readonly string[] UnsafeMethods = ["POST", "PATCH", "LOCK"];

    /// <summary>A status that no response has.</summary>
    private const int NeverUsed = 599;

    /// <summary>nginx ends a request after ten internal redirects, of which one leads to the first attempt and one to the answer.</summary>
    private const int OneByOneAttempts = 8;

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (HasSeveralMembers(configuration, upstreams) || configuration.Routes.Any(route => ShadowRenderer.IsShadowed(route, upstreams)))
        {
            WriteMethods(writer);
        }

        if (HasRetry(configuration, upstreams))
        {
            WriteNextAttempt(
                writer,
                configuration,
                upstreams.Any(upstream => HidesMembers(configuration, upstream) || IsLookedUp(configuration, upstream)));
        }

        var used = configuration.IsProxy ? upstreams.Where(static upstream => !upstream.Members.IsEmpty) : [];
        foreach (var upstream in used.OrderBy(Name, StringComparer.Ordinal))
        {
            WriteUpstream(writer, configuration, upstream);
            if (HasRetryUpstream(configuration, upstream))
            {
                WriteRetryUpstream(writer, configuration, upstream);
            }
        }

        StickyRenderer.WriteHttp(writer, configuration, upstreams);
    }

    /// <summary>The upstream of a name; null where it has no members now.</summary>
    public static NginxUpstream? Find(IReadOnlyList<NginxUpstream> upstreams, string name) =>
        upstreams.FirstOrDefault(upstream => upstream.Name == name && !upstream.Members.IsEmpty);

    /// <summary>Whether a request may meet several members, so that methods differ.</summary>
    public static bool HasSeveralMembers(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) =>
        upstreams.Any(upstream => !upstream.IsHttp2 && HasSeveralMembers(configuration, upstream) && IsRouted(configuration, upstream));

    /// <summary>Whether a request is tried on all members when those that are down have used up its tries.</summary>
    public static bool HasRetry(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) =>
        upstreams.Any(upstream => HasRetry(configuration, upstream) && IsRouted(configuration, upstream));

    /// <summary>Lets the requests of a location be retried.</summary>
    public static void WriteRetryOf(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        if (HasRetryUpstream(configuration, upstream))
        {
            writer.Directive("set", $"{RetryUpstream} {upstream.Scheme}://{RetryName(configuration, upstream)}");
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
        writer.Paragraph("Retry of requests that failed because members are down.", Origin);
        writer.Comment(
            "nginx counts a member that is down as a try, and skips a member that failed for a moment, even if it is up again. So that",
            $"a restart loses no request, {Next} decides where one that got 502 goes on.");
        writer.Directive("set", $"{RetryUpstream} \"\"");
        writer.Directive("recursive_error_pages", "on");
        writer.Directive("error_page", $"{Number(BadGateway)} = {Next}");

        writer.Comment("All members, one after another");
        writer.Open($"location {RetryLocation}");
        WriteEnd(writer, configuration);
        WriteSilence(writer);
        writer.Directive("proxy_next_upstream_tries", "0");
        writer.Directive("proxy_pass", $"{RetryUpstream}{RouteRenderer.UriOf(configuration)}");
        writer.Close();

        writer.Comment("One member; if it is down too, the request comes back");
        writer.Open($"location {OneByOneLocation}");
        WriteSilence(writer);
        writer.Directive("proxy_next_upstream", "off");
        writer.Directive("proxy_pass", $"{RetryUpstream}{RouteRenderer.UriOf(configuration)}");
        writer.Close();

        writer.Comment("No member");
        writer.Open($"location {GiveUpLocation}");
        WriteEnd(writer, configuration);
        writer.Directive("return", Number(BadGateway));
        writer.Close();
    }

    private static void WriteEnd(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        // They replace the error_page of the server, which would lead here again.
        if (!ErrorPageRenderer.WriteDirectives(writer, configuration, static code => code is 500 or BadGateway or 503 or 504))
        {
            writer.Directive("error_page", $"{Number(NeverUsed)} /");
        }
    }

    /// <summary>The first attempt has logged which members are down.</summary>
    private static void WriteSilence(NginxConfigWriter writer) => writer.Directive("error_log", "stderr emerg");

    private static string Name(NginxUpstream upstream) => upstream.Name;

    private static string RetryName(NginxConfiguration configuration, NginxUpstream upstream) =>
        upstream.Name + (HidesMembers(configuration, upstream) ? NewConnection : "_retry_all");

    private static bool IsRouted(NginxConfiguration configuration, NginxUpstream upstream) =>
        configuration.Routes.Any(route => route.Upstreams.Contains(upstream.Name));

    /// <summary>In a container one name may stand for many.</summary>
    private static bool HasSeveralMembers(NginxConfiguration configuration, NginxUpstream upstream) =>
        upstream.Members.Length > 1 || (!upstream.Members.IsEmpty && (upstream.IsShared || configuration.IsContainer));

    private static bool HasRetry(NginxConfiguration configuration, NginxUpstream upstream) =>
        HasRetryUpstream(configuration, upstream) || IsLookedUp(configuration, upstream);

    /// <remarks>
    /// A service outside the application has no restarts that this application knows of. Where one address stands for several members,
    /// open connections to one that has gone may use up all tries.
    /// </remarks>
    private static bool HasRetryUpstream(NginxConfiguration configuration, NginxUpstream upstream) =>
        upstream is { Host: null, IsHttp2: false } && (upstream.Members.Length > 1 || HidesMembers(configuration, upstream));

    /// <summary>Whether a new connection to the same address leads to another member.</summary>
    private static bool HidesMembers(NginxConfiguration configuration, NginxUpstream upstream) =>
        !upstream.Members.IsEmpty && (configuration.HasHiddenMembers || upstream.IsShared);

    /// <summary>
    /// Whether a retry looks up the name of the members itself, and waits for the answer: an upstream whose name is looked up while nginx
    /// runs has no members until the first answer, and for some seconds those that have gone.
    /// </summary>
    private static bool IsLookedUp(NginxConfiguration configuration, NginxUpstream upstream) =>
        configuration is { IsContainer: true, HasHiddenMembers: false } && upstream is { Host: null, IsHttp2: false, Members.Length: 1 };

    private static void WriteUpstream(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        var settings = configuration.Upstream;
        writer.Paragraph($"Members of {upstream.Name}", Origin);
        writer.Open($"upstream {upstream.Name}");
        writer.Directive("zone", $"{upstream.Name} 256k");
        if ((StickyRenderer.MethodOf(configuration, upstream) ?? MethodDirective(PolicyOf(configuration))) is { } method)
        {
            writer.Directive(method);
        }

        foreach (var member in MembersOf(upstream))
        {
            // What fails on one line is tried on the next: the same address leads to another member.
            for (var line = configuration.HasHiddenMembers ? settings.Tries : 1; line > 0; line--)
            {
                writer.Directive("server", $"{Quote(member)}{Resolve(configuration)} {LimitsOf(configuration, upstream)}");
            }
        }

        WriteKeepAlive(writer, configuration);
        writer.Close();
    }

    /// <summary>When a failing member is skipped.</summary>
    /// <remarks>A call that nothing retries is tried on each member, whatever the one before met there.</remarks>
    public static string LimitsOf(NginxConfiguration configuration, NginxUpstream upstream) =>
        upstream.IsHttp2 || HidesMembers(configuration, upstream) ? "max_fails=0"
        : $"max_fails={Number(configuration.Upstream.MaxFails)} fail_timeout={Time(configuration.Upstream.FailTimeout)}";

    /// <summary>The connections that are kept open to members.</summary>
    public static void WriteKeepAlive(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        var settings = configuration.Upstream;
        if (settings.KeepAliveConnections > 0)
        {
            writer.Directive("keepalive", Number(settings.KeepAliveConnections));
            writer.Directive("keepalive_timeout", Time(settings.KeepAliveTimeout));
            writer.Directive(
                "keepalive_requests", configuration.HasHiddenMembers ? RequestsToHiddenMembers : NginxConfigRenderer.RequestsPerConnection);
        }
    }

    private static void WriteRetryUpstream(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        writer.Paragraph("The same for a retry, which skips none and opens a new connection", Origin);
        writer.Open($"upstream {RetryName(configuration, upstream)}");
        if (configuration.IsContainer)
        {
            // nginx follows the addresses of a name only in shared memory.
            writer.Directive("zone", $"{RetryName(configuration, upstream)} 256k");
        }

        foreach (var member in MembersOf(upstream))
        {
            writer.Directive("server", $"{Quote(member)}{Resolve(configuration)} max_fails=0");
        }

        writer.Close();
    }

    private static string Resolve(NginxConfiguration configuration) =>
        configuration.IsContainer ? $" {NginxVariables.Placeholder(NginxVariables.Resolve)}" : string.Empty;

    private static IEnumerable<string> MembersOf(NginxUpstream upstream) => upstream.Members.Distinct().Order(StringComparer.Ordinal);

    private static void WriteMethods(NginxConfigWriter writer)
    {
        writer.Paragraph("Methods that may be executed twice (RFC 9110, section 9.2.2)", Origin);
        writer.Map(
            "$request_method",
            MethodKind,
            [
                ("default", Other),
                .. UnsafeMethods.Select(static method => (method, Unsafe)),
                .. IdempotentMethods.Select(static method => (method, Idempotent)),
            ]);
    }

    /// <remarks>A member that has received nothing of a request has been sent 0 bytes.</remarks>
    private static void WriteNextAttempt(NginxConfigWriter writer, NginxConfiguration configuration, bool hidesMembers)
    {
        var attempts = Number(OneByOneAttempts - RouteRenderer.RedirectsOf(configuration) - 1);
        var tries = Number(configuration.Upstream.Tries);
        writer.Paragraph("Where a request goes on that no member answered: by its method and the bytes that each was sent", Origin);
        writer.Open($"map \"{RetryUpstream} {MethodKind} $upstream_bytes_sent\" {Next}");
        writer.Directive("volatile");
        writer.CommentedDirectives(
        [
            ("\"~^ \"", GiveUpLocation, "there are no other members"),
            ($"\"~ (?:[^:]*:){{{attempts}}}\"", GiveUpLocation, "nginx would end it after ten redirects"),
            ($"\"~ {Idempotent} (?:.*?\\b[1-9]\\d*){{{tries}}}\"", GiveUpLocation, $"{tries} members have received it"),
            ($"\"~ {Other} [^1-9]*$\"", OneByOneLocation, "no member has received it; nginx itself would send it on after one has"),
            .. hidesMembers
                ? [($"\"~{NewConnection} [a-z]+ [^1-9]*$\"", OneByOneLocation, "the same address leads to another member")]
                : Array.Empty<(string, string, string)>(),
            ("\"~ [a-z]+ [^1-9]*$\"", RetryLocation, "no member has received it"),
            .. hidesMembers
                ? [($"\"~(?:{NewConnection}|:[0-9]+) {Idempotent} \"",
                    OneByOneLocation,
                    "the same address or name leads to another member")]
                : Array.Empty<(string, string, string)>(),
            ($"\"~ {Idempotent} .*\\b0\\b\"", RetryLocation, "some members were down"),
            ("default", GiveUpLocation, "a second execution could do harm, or all members were up"),
        ]);
        writer.Close();
    }

    /// <summary>
    /// The policy. Nobody tells an nginx in a container which replica hangs; with the fewest open requests it gets no more than its
    /// share of the clients, in turn all of them.
    /// </summary>
    private static NginxLoadBalancing PolicyOf(NginxConfiguration configuration) => configuration.Upstream.LoadBalancing
        ?? (configuration is { IsContainer: true, HasHiddenMembers: false }
            ? NginxLoadBalancing.LeastConnections : NginxLoadBalancing.RoundRobin);

    private static string? MethodDirective(NginxLoadBalancing method) => method switch
    {
        NginxLoadBalancing.LeastConnections => "least_conn",
        NginxLoadBalancing.IpHash => "ip_hash",
        NginxLoadBalancing.Random => "random",
        NginxLoadBalancing.PowerOfTwoChoices => "random two least_conn",
        _ => null,
    };
}
