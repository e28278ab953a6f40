namespace Aspire.Hosting.ApplicationModel;

/// <summary>Which addresses an allocated endpoint listens on.</summary>
public enum EndpointBindingMode
{
    /// <summary>One address only.</summary>
    SingleAddress,

    /// <summary>Every IPv4 and IPv6 address.</summary>
    DualStackAnyAddresses,

    /// <summary>Every IPv4 address.</summary>
    IPv4AnyAddresses,

    /// <summary>Every IPv6 address.</summary>
    IPv6AnyAddresses,
}
