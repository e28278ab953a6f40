using System.Collections.Immutable;
using System.Numerics;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>The cross-origin policy (CORS). Maps decide which headers a response has: one with an empty value is not sent.</summary>
internal static class CorsRenderer
{
    private const string Origin = "WithCors";

    private static readonly string[] ResponseHeaders =
    [
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Credentials",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers",
        "Access-Control-Expose-Headers",
        "Access-Control-Max-Age",
    ];

    public static void WriteHttp(NginxConfigWriter writer, NginxCorsOptions? cors)
    {
        if (cors is null)
        {
            return;
        }

        writer.Paragraph("CORS: 1 = a preflight, which is an OPTIONS request with an origin and the method to come", Origin);
        writer.Map("$http_access_control_request_method", "$cors_preflight", ("\"\"", "\"\""), ("default", "$cors_preflight_of_method"));
        writer.Map("\"$request_method $http_origin\"", "$cors_preflight_of_method", ("\"~^OPTIONS [^ ]\"", "1"));
        if (cors.Origins is { } origins)
        {
            WriteOrigins(writer, origins, cors.Credentials);
        }

        writer.Paragraph("CORS: headers for an allowed preflight", Origin);
        var granted = cors.Origins is null ? "$cors_preflight" : "$cors_granted";
        WriteGrant(writer, granted, "$cors_methods", cors.Methods, "$http_access_control_request_method");
        WriteGrant(writer, granted, "$cors_headers", cors.Headers, "$http_access_control_request_headers");
        if (cors.PreflightMaxAge is { } age)
        {
            writer.Map(granted, "$cors_max_age", ("1", Number((long)age.TotalSeconds)));
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxCorsOptions? cors, bool isGrpcUsed)
    {
        if (cors is null)
        {
            return;
        }

        writer.Paragraph("CORS: headers on every response; those of members are removed", Origin);
        writer.Directives([.. ResponseHeaders.Select(header => ("proxy_hide_header", header))]);
        writer.Directives([.. ResponseHeaders.Where(_ => isGrpcUsed).Select(header => ("grpc_hide_header", header))]);
        writer.Directives([.. Headers(cors).Select(header => ($"add_header {header.Name}", $"{header.Value} always"))]);
        writer.Open("if ($cors_preflight)");
        writer.Directive("return", "204");
        writer.Close();
    }

    private static IEnumerable<(string Name, string Value)> Headers(NginxCorsOptions cors)
    {
        yield return ("Access-Control-Allow-Origin", cors.Origins is null ? "\"*\"" : "$cors_origin");
        if (cors.Origins is not null)
        {
            yield return ("Vary", "Origin");
        }

        if (cors.Credentials)
        {
            yield return ("Access-Control-Allow-Credentials", "$cors_credentials");
        }

        if (cors.Methods is not { IsEmpty: true })
        {
            yield return ("Access-Control-Allow-Methods", "$cors_methods");
        }

        if (cors.Headers is not { IsEmpty: true })
        {
            yield return ("Access-Control-Allow-Headers", "$cors_headers");
        }

        if (!cors.ExposedHeaders.IsEmpty)
        {
            yield return ("Access-Control-Expose-Headers", Quote(string.Join(", ", cors.ExposedHeaders)));
        }

        if (cors.PreflightMaxAge is not null)
        {
            yield return ("Access-Control-Max-Age", "$cors_max_age");
        }
    }

    private static void WriteOrigins(NginxConfigWriter writer, ImmutableArray<string> origins, bool allowCredentials)
    {
        writer.Paragraph("CORS: the origin, if it is allowed", Origin);
        if (BucketSize(origins) is { } size)
        {
            writer.Directive("map_hash_bucket_size", Number(size));
        }

        writer.Open("map $http_origin $cors_origin");
        writer.Directives([.. origins.Select(origin => (Quote(origin), Quote(origin)))]);
        writer.Close();
        if (allowCredentials)
        {
            writer.Open("map $cors_origin $cors_credentials");
            writer.Directive("\"~.\"", "true");
            writer.Close();
        }

        writer.Open("map \"$cors_preflight $cors_origin\" $cors_granted");
        writer.Directive("\"~^1 .\"", "1");
        writer.Close();
    }

    /// <summary>Null where nginx's own bucket size, for about 40 characters, is large enough.</summary>
    private static int? BucketSize(ImmutableArray<string> origins)
    {
        var longest = origins.Select(origin => origin.Length).DefaultIfEmpty(0).Max();
        return longest <= 32 ? null : (int)BitOperations.RoundUpToPowerOf2((uint)longest + 64);
    }

    private static void WriteGrant(NginxConfigWriter writer, string granted, string variable, ImmutableArray<string>? values, string asked)
    {
        if (values is null)
        {
            writer.Map(granted, variable, ("1", asked));
        }
        else if (!values.Value.IsEmpty)
        {
            writer.Map(granted, variable, ("1", Quote(string.Join(", ", values.Value))));
        }
    }
}
