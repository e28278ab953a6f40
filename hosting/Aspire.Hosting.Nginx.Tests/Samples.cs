using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Configurations the tests share.</summary>
internal static class Samples
{
    public static readonly NginxRunPaths Paths = new("/run/flaskstack/nginx");

    public static NginxConfiguration Minimal { get; } = new()
    {
        Listen = new(8080, ["127.0.0.1", "[::1]"]),
        Routes = [new("/", "api")],
    };

    public static NginxCorsOptions AnyOrigin { get; } = new()
    {
        Origins = null,
        Methods = ["GET", "POST", "OPTIONS"],
        Headers = ["Content-Type", "Authorization"],
    };

    public static NginxCorsOptions NamedOrigins { get; } = new()
    {
        Origins = ["https://app.example.com", "http://localhost:5173"],
        Methods = ["GET", "POST"],
        Headers = null,
        ExposedHeaders = ["X-Request-Id"],
        Credentials = true,
        PreflightMaxAge = TimeSpan.FromMinutes(10),
    };

    public static NginxUpstream Api(params string[] members) => new("api", "http", [.. members]);
}
