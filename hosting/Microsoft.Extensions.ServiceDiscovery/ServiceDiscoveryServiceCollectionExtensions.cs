using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.ServiceDiscovery.Configuration;
using Microsoft.Extensions.ServiceDiscovery.PassThrough;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds service discovery.</summary>
public static class ServiceDiscoveryServiceCollectionExtensions
{
    /// <summary>Adds service discovery from configuration; names that are not configured are used as they are.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services) => services.AddServiceDiscovery(_ => { });

    /// <inheritdoc cref="AddServiceDiscovery(IServiceCollection)"/>
    /// <param name="services">The services.</param>
    /// <param name="configureOptions">Changes the options.</param>
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services, Action<ServiceDiscoveryOptions> configureOptions) => services
        .AddServiceDiscoveryCore(configureOptions)
        .AddConfigurationServiceEndpointProvider()
        .AddPassThroughServiceEndpointProvider();

    /// <summary>Adds service discovery without any provider.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddServiceDiscoveryCore(this IServiceCollection services) => services.AddServiceDiscoveryCore(_ => { });

    /// <inheritdoc cref="AddServiceDiscoveryCore(IServiceCollection)"/>
    /// <param name="services">The services.</param>
    /// <param name="configureOptions">Changes the options.</param>
    public static IServiceCollection AddServiceDiscoveryCore(this IServiceCollection services, Action<ServiceDiscoveryOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configureOptions);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ServiceEndpointResolver(
            provider.GetServices<IServiceEndpointProviderFactory>(),
            provider.GetRequiredService<IOptions<ServiceDiscoveryOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddOptions<ServiceDiscoveryOptions>()
            .Configure(configureOptions)
            .Validate(options => options.AllowedSchemes is not null && options.RefreshPeriod >= TimeSpan.Zero, "ServiceDiscoveryOptions: AllowedSchemes must be set and RefreshPeriod not be negative.");
        return services;
    }

    /// <summary>Adds the provider that reads endpoints from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddConfigurationServiceEndpointProvider(this IServiceCollection services) =>
        services.AddConfigurationServiceEndpointProvider(_ => { });

    /// <inheritdoc cref="AddConfigurationServiceEndpointProvider(IServiceCollection)"/>
    /// <param name="services">The services.</param>
    /// <param name="configureOptions">Changes the options.</param>
    public static IServiceCollection AddConfigurationServiceEndpointProvider(this IServiceCollection services, Action<ConfigurationServiceEndpointProviderOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configureOptions);
        services.AddServiceDiscoveryCore();
        services.AddSingleton<IServiceEndpointProviderFactory, ConfigurationServiceEndpointProviderFactory>();
        services.AddOptions<ConfigurationServiceEndpointProviderOptions>()
            .Configure(configureOptions)
            .Validate(options => !string.IsNullOrWhiteSpace(options.SectionName) && options.ShouldApplyHostNameMetadata is not null, "ConfigurationServiceEndpointProviderOptions: SectionName and ShouldApplyHostNameMetadata must be set.");
        return services;
    }

    /// <summary>Adds the provider that uses a name as it is when no other provider knows it.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddPassThroughServiceEndpointProvider(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddServiceDiscoveryCore();
        services.AddSingleton<IServiceEndpointProviderFactory, PassThroughServiceEndpointProviderFactory>();
        return services;
    }
}
