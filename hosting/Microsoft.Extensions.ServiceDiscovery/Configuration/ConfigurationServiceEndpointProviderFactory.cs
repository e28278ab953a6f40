using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.ServiceDiscovery.Configuration;

/// <summary>Makes providers that read configuration.</summary>
/// <param name="configuration">The configuration.</param>
/// <param name="options">Where it lists services.</param>
/// <param name="discovery">Which schemes are allowed.</param>
internal sealed class ConfigurationServiceEndpointProviderFactory(
    IConfiguration configuration,
    IOptions<ConfigurationServiceEndpointProviderOptions> options,
    IOptions<ServiceDiscoveryOptions> discovery) : IServiceEndpointProviderFactory
{
    /// <inheritdoc/>
    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        provider = new ConfigurationServiceEndpointProvider(query, configuration, options.Value, discovery.Value);
        return true;
    }
}
