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

    /// <summary>The address as a value for an environment variable.</summary>
    internal object UrlValue => Uri is null ? UrlParameter! : Uri.ToString();

    /// <summary>Reads the address for a resource that refers to it; null while publishing, when a parameter has no value yet.</summary>
    /// <exception cref="DistributedApplicationException">The parameter's value is no acceptable address.</exception>
    internal async ValueTask<Uri?> ReadUriAsync(EnvironmentCallbackContext context)
    {
        if (Uri is not null || context.ExecutionContext.IsPublishMode)
        {
            return Uri;
        }

        return await ReadUriAsync(context.CancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the address.</summary>
    /// <exception cref="DistributedApplicationException">The parameter's value is no acceptable address.</exception>
    internal async ValueTask<Uri> ReadUriAsync(CancellationToken cancellationToken)
    {
        if (Uri is not null)
        {
            return Uri;
        }

        var text = await UrlParameter!.GetValueAsync(cancellationToken).ConfigureAwait(false);
        return TryParse(text, out var uri, out var error)
            ? uri
            : throw new DistributedApplicationException($"Parameter '{UrlParameter.Name}' holds no acceptable address of external service '{Name}': {error}");
    }

    /// <summary>Checks an address that was given as text.</summary>
    internal static bool TryParse(string? text, [NotNullWhen(true)] out Uri? uri, [NotNullWhen(false)] out string? error)
    {
        error = Uri.TryCreate(text, UriKind.Absolute, out uri) ? Broken(uri) : $"'{text}' is not an absolute URL.";
        uri = error is null ? uri : null;
        return uri is not null;
    }

    private static string? Broken(Uri uri) => uri switch
    {
        // Where paths start with a slash, .NET takes one for a file URL.
        { IsAbsoluteUri: false } or { OriginalString: ['/', ..] } => $"'{uri}' is not an absolute URL.",
        { Query.Length: > 0 } => $"'{uri}' must not have a query.",
        { Fragment.Length: > 0 } => $"'{uri}' must not have a fragment.",
        _ => null,
    };
}
