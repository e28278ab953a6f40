using System.Net;

namespace Microsoft.Extensions.ServiceDiscovery.PassThrough;

/// <summary>Hands the name on as the address when nothing else was found.</summary>
/// <param name="endPoint">The name as an address.</param>
internal sealed class PassThroughServiceEndpointProvider(EndPoint endPoint) : IServiceEndpointProvider
{
    /// <inheritdoc/>
    public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        if (endpoints.Endpoints.Count == 0)
        {
            var endpoint = ServiceEndpoint.Create(endPoint);
            endpoint.Features.Set<IServiceEndpointProvider>(this);
            endpoints.Endpoints.Add(endpoint);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public override string ToString() => "Pass-through";
}
