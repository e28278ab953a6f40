namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Attached to an endpoint, names the host that a request to it should carry in <c>Host</c>.</summary>
public interface IHostNameFeature
{
    /// <summary>Gets the host name.</summary>
    string HostName { get; }
}
