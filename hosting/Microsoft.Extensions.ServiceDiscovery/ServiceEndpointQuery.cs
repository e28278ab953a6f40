using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.ServiceDiscovery.Resolution;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>What is asked for by a name such as <c>https+http://_admin.api</c>: schemes, endpoint name and service name.</summary>
public sealed class ServiceEndpointQuery
{
    private readonly string _text;

    private ServiceEndpointQuery(string text, string[] schemes, string serviceName, string? endpointName)
    {
        _text = text;
        IncludedSchemes = schemes;
        ServiceName = serviceName;
        EndpointName = endpointName;
    }

    /// <summary>Gets the schemes asked for, the preferred first; empty when the text names none.</summary>
    public IReadOnlyList<string> IncludedSchemes { get; }

    /// <summary>Gets the endpoint name: <c>admin</c> in <c>_admin.api</c>; otherwise <see langword="null"/>.</summary>
    public string? EndpointName { get; }

    /// <summary>Gets the service name, without scheme, endpoint name and port.</summary>
    public string ServiceName { get; }

    /// <summary>Reads a query.</summary>
    /// <param name="input">A service name with an optional scheme list, endpoint name and port.</param>
    /// <param name="query">The query.</param>
    /// <returns>Whether the text is a query.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> is <see langword="null"/> or empty.</exception>
    public static bool TryParse(string input, [NotNullWhen(true)] out ServiceEndpointQuery? query)
    {
        ArgumentException.ThrowIfNullOrEmpty(input);
        query = null;
        if (!ServiceUri.TryParse(input, out var uri, out var hasScheme))
        {
            return false;
        }

        var (endpointName, serviceName) = ServiceUri.SplitHost(uri.Host);
        query = new ServiceEndpointQuery(input, hasScheme ? uri.Scheme.Split('+') : [], serviceName, endpointName);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _text;
}
