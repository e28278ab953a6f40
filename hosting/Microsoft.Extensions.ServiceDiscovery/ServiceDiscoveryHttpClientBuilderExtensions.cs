using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.ServiceDiscovery.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds service discovery to HTTP clients.</summary>
public static class ServiceDiscoveryHttpClientBuilderExtensions
{
    /// <summary>Lets the client's addresses name services: <c>https+http://api</c>. Several endpoints take turns.</summary>
    /// <param name="httpClientBuilder">The builder of the client.</param>
    /// <returns>The builder.</returns>
    public static IHttpClientBuilder AddServiceDiscovery(this IHttpClientBuilder httpClientBuilder)
    {
        ArgumentNullException.ThrowIfNull(httpClientBuilder);
        httpClientBuilder.Services.AddServiceDiscoveryCore();
        return httpClientBuilder.AddHttpMessageHandler(services => new ServiceDiscoveryHandler(
            services.GetRequiredService<ServiceEndpointResolver>(),
            services.GetRequiredService<IOptions<ServiceDiscoveryOptions>>()));
    }
}
