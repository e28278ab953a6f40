namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>How endpoints are read from configuration.</summary>
public sealed class ConfigurationServiceEndpointProviderOptions
{
    /// <summary>Gets or sets the section that lists services. Default <c>Services</c>, as Aspire injects it.</summary>
    public string SectionName { get; set; } = "Services";

    /// <summary>Gets or sets which endpoints get the service's name as <c>Host</c>. Default: none.</summary>
    public Func<ServiceEndpoint, bool> ShouldApplyHostNameMetadata { get; set; } = _ => false;
}
