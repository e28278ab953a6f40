using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.ServiceDiscovery.Configuration;

/// <summary>
/// Reads <c>Services:{service}:{endpoint or scheme}</c>, which is one value or a numbered list of them. Without an endpoint name
/// the first section counts that exists among <c>default</c> and the schemes asked for.
/// </summary>
/// <param name="query">What is asked for.</param>
/// <param name="configuration">The configuration.</param>
/// <param name="options">Where it lists services.</param>
/// <param name="discovery">Which schemes are allowed.</param>
internal sealed class ConfigurationServiceEndpointProvider(
    ServiceEndpointQuery query,
    IConfiguration configuration,
    ConfigurationServiceEndpointProviderOptions options,
    ServiceDiscoveryOptions discovery) : IServiceEndpointProvider, IHostNameFeature
{
    private const string DefaultEndpoint = "default";

    /// <inheritdoc/>
    public string HostName => query.ServiceName;

    /// <inheritdoc/>
    public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        if (endpoints.Endpoints.Count > 0)
        {
            return ValueTask.CompletedTask;
        }

        endpoints.AddChangeToken(configuration.GetReloadToken());
        var schemes = discovery.ApplyAllowedSchemes(query.IncludedSchemes);
        var service = configuration.GetSection(options.SectionName).GetSection(query.ServiceName);
        if (FindSection(service, schemes) is { } section)
        {
            foreach (var endpoint in Preferred(ReadAll(section), schemes))
            {
                endpoints.Endpoints.Add(endpoint);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public override string ToString() => "Configuration";

    private IConfigurationSection? FindSection(IConfigurationSection service, IReadOnlyList<string> schemes)
    {
        IEnumerable<string> names = query.EndpointName is { } name ? [name] : [DefaultEndpoint, .. schemes];
        return names.Select(service.GetSection).FirstOrDefault(section => section.Exists());
    }

    private List<ServiceEndpoint> ReadAll(IConfigurationSection section) => string.IsNullOrWhiteSpace(section.Value)
        ? [.. section.GetChildren().Select(ReadNumbered)]
        : [Read(section)];

    private ServiceEndpoint ReadNumbered(IConfigurationSection section) => int.TryParse(section.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        ? Read(section)
        : throw new KeyNotFoundException($"{section.Path}: the endpoints of a service are one value or a list; '{section.Key}' is no number of a list.");

    private ServiceEndpoint Read(IConfigurationSection section)
    {
        if (!ServiceEndpoint.TryParse(section.Value, out var endpoint))
        {
            throw new KeyNotFoundException($"{section.Path} is '{section.Value}': give a URL such as http://127.0.0.1:5000, or host:port.");
        }

        endpoint.Features.Set<IServiceEndpointProvider>(this);
        if (options.ShouldApplyHostNameMetadata(endpoint))
        {
            endpoint.Features.Set<IHostNameFeature>(this);
        }

        return endpoint;
    }

    // Of the endpoints that fix a scheme, only those of the most preferred scheme that any of them has.
    private IEnumerable<ServiceEndpoint> Preferred(List<ServiceEndpoint> endpoints, IReadOnlyList<string> schemes)
    {
        if (discovery.AllowAllSchemes && query.IncludedSchemes.Count == 0)
        {
            return endpoints;
        }

        var offered = endpoints.Select(Scheme).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var preferred = schemes.FirstOrDefault(offered.Contains);
        return endpoints.Where(endpoint => Scheme(endpoint) is not { } scheme || string.Equals(scheme, preferred, StringComparison.OrdinalIgnoreCase));
    }

    private static string? Scheme(ServiceEndpoint endpoint) => (endpoint.EndPoint as UriEndPoint)?.Uri.Scheme;
}
