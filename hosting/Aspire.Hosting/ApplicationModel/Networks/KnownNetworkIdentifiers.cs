namespace Aspire.Hosting.ApplicationModel;

/// <summary>The networks Aspire knows by name.</summary>
public static class KnownNetworkIdentifiers
{
    /// <summary>The loopback network of the machine that runs the AppHost. Every local process is on it.</summary>
    public static readonly NetworkIdentifier LocalhostNetwork = new("localhost");

    /// <summary>The public internet.</summary>
    public static readonly NetworkIdentifier PublicInternet = new(".");

    /// <summary>The network that a container engine shares between an application's containers.</summary>
    public static readonly NetworkIdentifier DefaultAspireContainerNetwork = new("aspire-container-network");
}
