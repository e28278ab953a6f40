namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says whether proxies may stand before the endpoints of a resource.</summary>
public sealed class ProxySupportAnnotation : IResourceAnnotation
{
    /// <summary>Whether proxies may stand before the endpoints.</summary>
    public required bool ProxyEnabled { get; set; }
}
