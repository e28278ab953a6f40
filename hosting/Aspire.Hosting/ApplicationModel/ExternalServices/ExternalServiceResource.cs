using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A service that runs elsewhere and is only referred to.</summary>
public sealed class ExternalServiceResource : Resource
{
    /// <summary>Names a service at a known address.</summary>
    /// <param name="name">The resource's name.</param>
    /// <param name="uri">The address: absolute, without query and fragment.</param>
    /// <exception cref="ArgumentException">The address is not acceptable.</exception>
    public ExternalServiceResource(string name, Uri uri)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(uri);

        Uri = Broken(uri) is { } error ? throw new ArgumentException($"External service '{name}': {error}", nameof(uri)) : uri;
    }

    /// <summary>Names a service whose address is a parameter.</summary>
    /// <param name="name">The resource's name.</param>
    /// <param name="urlParameter">Holds the address.</param>
    public ExternalServiceResource(string name, ParameterResource urlParameter)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(urlParameter);

        UrlParameter = urlParameter;
    }

    /// <summary>The address, when it is known.</summary>
    public Uri? Uri { get; }

    /// <summary>Holds the address, when it is a parameter.</summary>
    public ParameterResource? UrlParameter { get; }

    /// <summary>Checks an address that was given as text.</summary>
    internal static bool TryParse(string? text, [NotNullWhen(true)] out Uri? uri, [NotNullWhen(false)] out string? error)
    {
        error = Uri.TryCreate(text, UriKind.Absolute, out uri) ? Broken(uri) : $"'{text}' is not an absolute URL.";
        uri = error is null ? uri : null;
        return uri is not null;
    }

    private static string? Broken(Uri uri) => uri switch
    {
        { IsAbsoluteUri: false } => $"'{uri}' is not an absolute URL.",
        { Query.Length: > 0 } => $"'{uri}' must not have a query.",
        { Fragment.Length: > 0 } => $"'{uri}' must not have a fragment.",
        _ => null,
    };
}
