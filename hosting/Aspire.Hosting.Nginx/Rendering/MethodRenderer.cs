namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>What a method says about a second attempt (RFC 9110, section 9.2.2, and the methods that IANA's registry calls idempotent).</summary>
internal static class MethodRenderer
{
    /// <summary>Of the request: may it be sent to a second member after a first has received it.</summary>
    public const string Variable = "$method_kind";

    /// <summary>It may.</summary>
    public const string Idempotent = "idempotent";

    /// <summary>It may not, and nginx knows.</summary>
    public const string Unsafe = "unsafe";

    /// <summary>It may not, and nginx, which does not know the method, would.</summary>
    public const string Other = "other";

    private static readonly string[] IdempotentMethods =
    [
        "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "DELETE", "GET", "HEAD", "LABEL", "LINK", "MERGE", "MKACTIVITY",
        "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS", "ORDERPATCH", "PROPFIND", "PROPPATCH", "PUT", "QUERY",
        "REBIND", "REPORT", "SEARCH", "TRACE", "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF",
        "VERSION-CONTROL",
    ];

    private static readonly string[] UnsafeMethods = ["POST", "PATCH", "LOCK"];

    public static void WriteHttp(NginxConfigWriter writer)
    {
        writer.Paragraph("Methods that may be executed twice (RFC 9110, section 9.2.2).", "WithUpstream");
        writer.Comment("nginx by itself sends every method but POST, PATCH and LOCK again after a member has received it.");
        writer.Map(
            "$request_method",
            Variable,
            [
                ("default", Other),
                .. UnsafeMethods.Select(static method => (method, Unsafe)),
                .. IdempotentMethods.Select(static method => (method, Idempotent)),
            ]);
    }
}
