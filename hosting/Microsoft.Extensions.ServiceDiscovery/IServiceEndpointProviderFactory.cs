using System.Diagnostics.CodeAnalysis;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Makes providers; factories are asked in the order of their registration.</summary>
public interface IServiceEndpointProviderFactory
{
    /// <summary>Makes a provider for a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="provider">The provider.</param>
    /// <returns>Whether there is a provider for the query.</returns>
    bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider);
}
