using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Points at an endpoint of a resource by name, before the endpoint need exist. As a value it is the endpoint's URL, and
/// waits until the endpoint has an address; in a manifest it is <c>{api.bindings.http.url}</c>.
/// </summary>
[DebuggerDisplay("Resource = {Resource.Name}, EndpointName = {EndpointName}, IsAllocated = {IsAllocated}")]
public sealed class EndpointReference : IExpressionValue, IValueWithReferences
{
    private EndpointAnnotation? _endpoint;

    /// <summary>Points at a known endpoint, on a given network.</summary>
    /// <param name="owner">The resource that has the endpoint.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="contextNetworkId">The network on which the address is wanted; the endpoint's own when null.</param>
    public EndpointReference(IResourceWithEndpoints owner, EndpointAnnotation endpoint, NetworkIdentifier? contextNetworkId)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(endpoint);

        Resource = owner;
        EndpointName = endpoint.Name;
        ContextNetworkID = contextNetworkId;
        _endpoint = endpoint;
    }

    /// <summary>Points at a known endpoint.</summary>
    /// <param name="owner">The resource that has the endpoint.</param>
    /// <param name="endpoint">The endpoint.</param>
    public EndpointReference(IResourceWithEndpoints owner, EndpointAnnotation endpoint)
        : this(owner, endpoint, contextNetworkId: null)
    {
    }

    /// <summary>Points at an endpoint by name, on a given network.</summary>
    /// <param name="owner">The resource that has, or will have, the endpoint.</param>
    /// <param name="endpointName">The endpoint's name, in any letter case.</param>
    /// <param name="contextNetworkId">The network on which the address is wanted; the endpoint's own when null.</param>
    public EndpointReference(IResourceWithEndpoints owner, string endpointName, NetworkIdentifier? contextNetworkId = null)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(endpointName);

        Resource = owner;
        EndpointName = endpointName;
        ContextNetworkID = contextNetworkId;
    }

    /// <summary>Points at an endpoint by name.</summary>
    /// <param name="owner">The resource that has, or will have, the endpoint.</param>
    /// <param name="endpointName">The endpoint's name, in any letter case.</param>
    public EndpointReference(IResourceWithEndpoints owner, string endpointName)
        : this(owner, endpointName, contextNetworkId: null)
    {
    }

    /// <summary>The resource that has the endpoint.</summary>
    public IResourceWithEndpoints Resource { get; }

    /// <summary>The endpoint's name.</summary>
    public string EndpointName { get; }

    /// <summary>The network on which the address is wanted; null for the endpoint's own.</summary>
    public NetworkIdentifier? ContextNetworkID { get; }

    /// <summary>What to say instead of the usual message when the endpoint does not exist.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>The endpoint.</summary>
    /// <exception cref="InvalidOperationException">The resource has no endpoint of that name.</exception>
    public EndpointAnnotation EndpointAnnotation => FindEndpoint() ?? throw new InvalidOperationException(ErrorMessage ?? MissingEndpointMessage());

    /// <summary>Whether the resource has an endpoint of that name.</summary>
    public bool Exists => FindEndpoint() is not null;

    /// <summary>Whether the endpoint has an address.</summary>
    public bool IsAllocated => FindAllocation() is not null;

    /// <summary>Whether the scheme is http.</summary>
    public bool IsHttp => string.Equals(Scheme, "http", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the scheme is https.</summary>
    public bool IsHttps => string.Equals(Scheme, "https", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the endpoint is named http or https.</summary>
    public bool IsHttpSchemeNamedEndpoint =>
        string.Equals(EndpointName, "http", StringComparison.OrdinalIgnoreCase) || string.Equals(EndpointName, "https", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the endpoint exists and speaks TLS.</summary>
    public bool TlsEnabled => FindEndpoint()?.TlsEnabled ?? false;

    /// <summary>Whether references to the whole resource leave this endpoint out.</summary>
    public bool ExcludeReferenceEndpoint => FindEndpoint()?.ExcludeReferenceEndpoint ?? false;

    /// <summary>The scheme.</summary>
    /// <exception cref="InvalidOperationException">The resource has no endpoint of that name.</exception>
    public string Scheme => EndpointAnnotation.UriScheme;

    /// <summary>The port that was asked for the process itself, or null.</summary>
    /// <exception cref="InvalidOperationException">The resource has no endpoint of that name.</exception>
    public int? TargetPort => EndpointAnnotation.TargetPort;

    /// <summary>The public port.</summary>
    /// <exception cref="InvalidOperationException">The endpoint has no address yet, or does not exist.</exception>
    public int Port => AllocatedEndpoint.Port;

    /// <summary>The host.</summary>
    /// <exception cref="InvalidOperationException">The endpoint has no address yet, or does not exist.</exception>
    public string Host => AllocatedEndpoint.Address;

    /// <summary>The whole address.</summary>
    /// <exception cref="InvalidOperationException">The endpoint has no address yet, or does not exist.</exception>
    public string Url => AllocatedEndpoint.UriString;

    string IManifestExpressionProvider.ValueExpression => ExpressionOf(EndpointProperty.Url);

    IEnumerable<object> IValueWithReferences.References => [Resource];

    internal AllocatedEndpoint AllocatedEndpoint => FindAllocation() ?? throw NotAllocated();

    /// <summary>Waits until the endpoint has an address, and gives its URL.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The resource has no endpoint of that name.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    /// <summary>Waits until the endpoint has an address, and gives its URL as <paramref name="context"/> sees it.</summary>
    /// <param name="context">Who asks, and from where.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The resource has no endpoint of that name.</exception>
    public ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(context, cancellationToken);

    /// <summary>Points at one part of the endpoint.</summary>
    /// <param name="property">The part.</param>
    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    internal string ExpressionOf(EndpointProperty property) => property switch
    {
        EndpointProperty.Url => Binding("url"),
        EndpointProperty.Host or EndpointProperty.IPV4Host => Binding("host"),
        EndpointProperty.Port => Binding("port"),
        EndpointProperty.Scheme => Binding("scheme"),
        EndpointProperty.TargetPort => Binding("targetPort"),
        EndpointProperty.HostAndPort => $"{Binding("host")}:{Binding("port")}",
        EndpointProperty.TlsEnabled => Binding("tlsEnabled"),
        _ => throw new InvalidOperationException($"Endpoint '{EndpointName}' of resource '{Resource.Name}' has no property '{property}'."),
    };

    /// <summary>Waits for the address as <paramref name="context"/> sees it: a replica sees its own one.</summary>
    internal async ValueTask<AllocatedEndpoint> ResolveAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (context.ResolveOwnEndpoint?.Invoke(this) is { } own)
        {
            return own;
        }

        var endpoint = EndpointAnnotation;

        // Every process runs on this machine, so an address that another network lacks is the loopback one.
        return (ContextNetworkID ?? context.Network) is { } network && endpoint.AllAllocatedEndpoints.TryGetAllocatedEndpoint(network, out var allocated)
            ? allocated
            : await endpoint.DefaultSnapshot.GetValueAsync(cancellationToken).ConfigureAwait(false);
    }

    private string Binding(string property) => $"{{{Resource.Name}.bindings.{EndpointName}.{property}}}";

    private EndpointAnnotation? FindEndpoint() =>
        _endpoint ??= Resource.Annotations.OfType<EndpointAnnotation>()
            .SingleOrDefault(endpoint => string.Equals(endpoint.Name, EndpointName, StringComparison.OrdinalIgnoreCase));

    private AllocatedEndpoint? FindAllocation()
    {
        if (FindEndpoint() is not { } endpoint)
        {
            return null;
        }

        return ContextNetworkID is { } network && endpoint.AllAllocatedEndpoints.TryGetAllocatedEndpoint(network, out var allocated)
            ? allocated
            : endpoint.AllocatedEndpoint;
    }

    private InvalidOperationException NotAllocated() => new(Exists
        ? $"Endpoint '{EndpointName}' of resource '{Resource.Name}' has no address yet: use GetValueAsync, which waits for it, or pass the reference itself."
        : ErrorMessage ?? MissingEndpointMessage());

    private string MissingEndpointMessage()
    {
        var names = Resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => $"'{endpoint.Name}'").ToArray();
        var has = names.Length == 0 ? "It has no endpoints." : $"It has {string.Join(", ", names)}.";
        return $"Resource '{Resource.Name}' has no endpoint '{EndpointName}'. {has}";
    }
}
