using System.Collections.Immutable;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting;

/// <summary>Builds the cross-origin policy nginx applies, in the words of ASP.NET Core's policies.</summary>
/// <example>
/// <code>
/// nginx.WithCors(cors => cors.WithOrigins("https://app.example.com").AllowAnyHeader().WithMethods("GET", "POST").AllowCredentials());
/// </code>
/// </example>
public sealed class NginxCorsBuilder
{
    private NginxCors _cors = new();

    internal NginxCorsBuilder()
    {
    }

    /// <summary>Lets pages of any site read responses. Cannot go with <see cref="AllowCredentials"/>.</summary>
    /// <returns>This builder.</returns>
    public NginxCorsBuilder AllowAnyOrigin() => Set(_cors with { Origins = null });

    /// <summary>Lets pages of these sites read responses; others are told nothing.</summary>
    /// <param name="origins">Scheme, host and a port that is not the default, such as <c>https://example.com</c>; without a path.</param>
    /// <returns>This builder.</returns>
    public NginxCorsBuilder WithOrigins(params string[] origins) => Set(_cors with { Origins = Add(_cors.Origins, origins) });

    /// <summary>Allows whichever method a preflight asks for.</summary>
    /// <returns>This builder.</returns>
    public NginxCorsBuilder AllowAnyMethod() => Set(_cors with { Methods = null });

    /// <summary>Allows these methods.</summary>
    /// <param name="methods">Such as <c>GET</c> and <c>POST</c>.</param>
    /// <returns>This builder.</returns>
    public NginxCorsBuilder WithMethods(params string[] methods) => Set(_cors with { Methods = Add(_cors.Methods, methods) });

    /// <summary>Allows whichever request headers a preflight asks for.</summary>
    /// <returns>This builder.</returns>
    public NginxCorsBuilder AllowAnyHeader() => Set(_cors with { Headers = null });

    /// <summary>Allows these request headers.</summary>
    /// <param name="headers">Such as <c>Content-Type</c>.</param>
    /// <returns>This builder.</returns>
    public NginxCorsBuilder WithHeaders(params string[] headers) => Set(_cors with { Headers = Add(_cors.Headers, headers) });

    /// <summary>Lets pages read these response headers beyond the few that are always readable.</summary>
    /// <param name="headers">Such as <c>X-Request-Id</c>.</param>
    /// <returns>This builder.</returns>
    public NginxCorsBuilder WithExposedHeaders(params string[] headers) => Set(_cors with { ExposedHeaders = [.. Add(_cors.ExposedHeaders, headers)!] });

    /// <summary>Lets pages send cookies and other credentials. Needs <see cref="WithOrigins"/>.</summary>
    /// <returns>This builder.</returns>
    public NginxCorsBuilder AllowCredentials() => Set(_cors with { AllowCredentials = true });

    /// <summary>Sets how long a browser may keep the answer to a preflight (<c>Access-Control-Max-Age</c>).</summary>
    /// <param name="age">0 s to 24 h, rounded down to whole seconds. Without it browsers use 5 s.</param>
    /// <returns>This builder.</returns>
    public NginxCorsBuilder SetPreflightMaxAge(TimeSpan age) => Set(_cors with { PreflightMaxAge = age });

    internal NginxCors Build() => _cors;

    private NginxCorsBuilder Set(NginxCors cors)
    {
        _cors = cors;
        return this;
    }

    private static ImmutableArray<string> Add(ImmutableArray<string>? existing, string[] more)
    {
        ArgumentNullException.ThrowIfNull(more);
        return [.. (existing ?? []).Concat(more).Distinct(StringComparer.Ordinal)];
    }
}
