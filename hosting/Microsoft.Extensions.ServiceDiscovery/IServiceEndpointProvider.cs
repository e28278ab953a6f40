namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Finds the endpoints of one query.</summary>
public interface IServiceEndpointProvider : IAsyncDisposable
{
    /// <summary>Adds what it finds. A provider leaves alone what an earlier one found.</summary>
    /// <param name="endpoints">Takes the endpoints.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>A task that ends when all is added.</returns>
    ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken);
}
