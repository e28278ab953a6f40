using System.Collections.Immutable;

namespace Aspire.Hosting;

/// <summary>
/// The cross-origin policy that nginx applies, in the words of ASP.NET Core's policies. A new one allows nothing; each method returns a
/// policy that allows more.
/// </summary>
/// <example>
/// <code>
/// nginx.WithCors(cors => cors.WithOrigins("https://app.example.com").AllowAnyHeader().WithMethods("GET", "POST").AllowCredentials());
/// </code>
/// </example>
public sealed record NginxCorsOptions
{
    /// <summary>Null for any.</summary>
    internal ImmutableArray<string>? Origins { get; init; } = [];

    /// <summary>Null for any.</summary>
    internal ImmutableArray<string>? Methods { get; init; } = [];

    /// <summary>Null for any.</summary>
    internal ImmutableArray<string>? Headers { get; init; } = [];

    internal ImmutableArray<string> ExposedHeaders { get; init; } = [];

    internal bool Credentials { get; init; }

    /// <summary>Null leaves it to the browser.</summary>
    [Bounds(0, 86_400)]
    internal TimeSpan? PreflightMaxAge { get; init; }

    /// <summary>Lets pages of any site read responses. Cannot go with <see cref="AllowCredentials"/>.</summary>
    /// <returns>The policy with this change.</returns>
    public NginxCorsOptions AllowAnyOrigin() => this with { Origins = null };

    /// <summary>Lets pages of these sites read responses. Responses to other sites have no cross-origin headers.</summary>
    /// <param name="origins">Scheme, host and a port that is not the default, without a path, such as <c>https://example.com</c>.</param>
    /// <returns>The policy with this change.</returns>
    public NginxCorsOptions WithOrigins(params string[] origins) => this with { Origins = Add(Origins, origins) };

    /// <summary>Allows every method.</summary>
    /// <returns>The policy with this change.</returns>
    public NginxCorsOptions AllowAnyMethod() => this with { Methods = null };

    /// <summary>Allows these methods.</summary>
    /// <param name="methods">Such as <c>GET</c> and <c>POST</c>, in upper case.</param>
    /// <returns>The policy with this change.</returns>
    public NginxCorsOptions WithMethods(params string[] methods) => this with { Methods = Add(Methods, methods) };

    /// <summary>Allows every request header.</summary>
    /// <returns>The policy with this change.</returns>
    public NginxCorsOptions AllowAnyHeader() => this with { Headers = null };

    /// <summary>Allows these request headers.</summary>
    /// <param name="headers">Such as <c>Content-Type</c>, in any case.</param>
    /// <returns>The policy with this change.</returns>
    public NginxCorsOptions WithHeaders(params string[] headers) => this with { Headers = Add(Headers, headers) };

    /// <summary>Lets pages read these response headers beyond the few that they always can.</summary>
    /// <param name="headers">Such as <c>X-Request-Id</c>, in any case.</param>
    /// <returns>The policy with this change.</returns>
    public NginxCorsOptions WithExposedHeaders(params string[] headers) => this with { ExposedHeaders = Add(ExposedHeaders, headers) };

    /// <summary>Lets pages send cookies and other credentials. Needs <see cref="WithOrigins"/>.</summary>
    /// <returns>The policy with this change.</returns>
    public NginxCorsOptions AllowCredentials() => this with { Credentials = true };

    /// <summary>Sets how long a browser may reuse the response to a preflight (<c>Access-Control-Max-Age</c>).</summary>
    /// <param name="age">0 s to 24 h, rounded down to whole seconds. Without it browsers use 5 s.</param>
    /// <returns>The policy with this change.</returns>
    public NginxCorsOptions SetPreflightMaxAge(TimeSpan age) => this with { PreflightMaxAge = age };

    private static ImmutableArray<string> Add(ImmutableArray<string>? existing, string[] more)
    {
        ArgumentNullException.ThrowIfNull(more);
        return [.. (existing ?? []).Concat(more).Distinct(StringComparer.Ordinal)];
    }
}
