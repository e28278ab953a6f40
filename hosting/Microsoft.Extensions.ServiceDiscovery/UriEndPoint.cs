using System.Net;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>An endpoint given as a URI: it fixes the scheme as well as the address, and may carry a base path.</summary>
/// <param name="uri">The URI.</param>
/// <exception cref="ArgumentNullException"><paramref name="uri"/> is <see langword="null"/>.</exception>
public class UriEndPoint(Uri uri) : EndPoint
{
    /// <summary>Gets the URI.</summary>
    public Uri Uri { get; } = uri ?? throw new ArgumentNullException(nameof(uri));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UriEndPoint other && Uri == other.Uri;

    /// <inheritdoc/>
    public override int GetHashCode() => Uri.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Uri.ToString();
}
