using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Collects what the providers find for one query.</summary>
public interface IServiceEndpointBuilder
{
    /// <summary>Gets the endpoints found so far.</summary>
    IList<ServiceEndpoint> Endpoints { get; }

    /// <summary>Gets what is attached to the whole.</summary>
    IFeatureCollection Features { get; }

    /// <summary>Adds a token that fires when what was found is out of date.</summary>
    /// <param name="changeToken">The token.</param>
    void AddChangeToken(IChangeToken changeToken);
}
