using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery.Resolution;

/// <summary>Collects endpoints and the tokens that end their validity.</summary>
internal sealed class ServiceEndpointBuilder : IServiceEndpointBuilder
{
    private readonly List<ServiceEndpoint> _endpoints = [];
    private readonly List<IChangeToken> _tokens = [];

    /// <inheritdoc/>
    public IList<ServiceEndpoint> Endpoints => _endpoints;

    /// <inheritdoc/>
    public IFeatureCollection Features { get; } = new FeatureCollection();

    /// <summary>Whether a change will be told, so that nothing has to look again.</summary>
    public bool TellsChanges => _tokens.Count > 0 && _tokens.TrueForAll(token => token.ActiveChangeCallbacks);

    /// <inheritdoc/>
    public void AddChangeToken(IChangeToken changeToken) => _tokens.Add(changeToken);

    /// <summary>Ends the collection.</summary>
    /// <returns>What was found.</returns>
    public ServiceEndpointSource Build() => new(_endpoints, new CompositeChangeToken(_tokens), Features);
}
