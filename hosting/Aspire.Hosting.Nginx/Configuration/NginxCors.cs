using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>The cross-origin policy. A null list means any.</summary>
internal sealed record NginxCors
{
    public ImmutableArray<string>? Origins { get; init; } = [];

    public ImmutableArray<string>? Methods { get; init; } = [];

    public ImmutableArray<string>? Headers { get; init; } = [];

    public ImmutableArray<string> ExposedHeaders { get; init; } = [];

    public bool AllowCredentials { get; init; }

    public TimeSpan? PreflightMaxAge { get; init; }
}
