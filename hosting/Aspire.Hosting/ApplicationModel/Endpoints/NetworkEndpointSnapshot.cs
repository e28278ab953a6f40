namespace Aspire.Hosting.ApplicationModel;

/// <summary>The address of an endpoint on one network, known or awaited.</summary>
/// <param name="Snapshot">The address.</param>
/// <param name="NetworkID">The network.</param>
public record NetworkEndpointSnapshot(ValueSnapshot<AllocatedEndpoint> Snapshot, NetworkIdentifier NetworkID);
