using System.Collections.Immutable;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

internal sealed class CorsValidator : INginxValidator
{
    private const string TokenCharacters = "!#%&'*+-.^_`|~";

    public IEnumerable<string> Validate(NginxConfiguration configuration) =>
        configuration.Cors is { } cors ? [.. OriginErrors(cors), .. TokenErrors(cors), .. AgeErrors(cors)] : [];

    private static IEnumerable<string> OriginErrors(NginxCors cors)
    {
        if (cors.Origins is null && cors.AllowCredentials)
        {
            yield return "WithCors: AllowCredentials cannot go with AllowAnyOrigin: any site could act as its visitor. Name the sites with WithOrigins.";
        }

        if (cors.Origins is { IsEmpty: true })
        {
            yield return "WithCors: no origin is allowed; add WithOrigins(…) or AllowAnyOrigin().";
        }

        foreach (var origin in (cors.Origins ?? []).Where(origin => !IsOrigin(origin)))
        {
            yield return $"WithCors: \"{origin}\" is no origin; write scheme, host and a port that is not the default, such as https://example.com, without a path.";
        }
    }

    private static IEnumerable<string> TokenErrors(NginxCors cors) =>
        NotTokens("WithMethods", cors.Methods)
            .Concat(NotTokens("WithHeaders", cors.Headers))
            .Concat(NotTokens("WithExposedHeaders", cors.ExposedHeaders));

    private static IEnumerable<string> NotTokens(string option, ImmutableArray<string>? values) =>
        (values ?? [])
            .Where(value => value.Length == 0 || !value.All(character => char.IsAsciiLetterOrDigit(character) || TokenCharacters.Contains(character, StringComparison.Ordinal)))
            .Select(value => $"WithCors: {option} has \"{value}\", which is no name; use letters, digits and -, each name by itself.");

    private static IEnumerable<string> AgeErrors(NginxCors cors) =>
        Range.Errors(Range.Check("WithCors: SetPreflightMaxAge", cors.PreflightMaxAge, TimeSpan.Zero, TimeSpan.FromDays(1)));

    /// <summary>An origin is compared as text, so it must be spelled as browsers spell it.</summary>
    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.IdnHost.Length > 0
        && !origin.Contains('$', StringComparison.Ordinal)
        && origin == (uri.Scheme is "http" or "https"
            ? $"{uri.Scheme}://{(uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost)}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}"
            : $"{uri.Scheme}://{uri.Authority}");
}
