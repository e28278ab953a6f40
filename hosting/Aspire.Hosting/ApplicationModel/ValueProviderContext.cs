namespace Aspire.Hosting.ApplicationModel;

/// <summary>Who asks for a value, and from where.</summary>
public class ValueProviderContext
{
    /// <summary>Gets whether the AppHost runs or publishes. Default: not said.</summary>
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    /// <summary>Gets the resource that will use the value. Default: not said.</summary>
    public IResource? Caller { get; init; }

    /// <summary>Gets the network on which the asker needs addresses. Default: that of each endpoint.</summary>
    public NetworkIdentifier? Network { get; init; }

    /// <summary>Gets what gives one replica its own addresses while its configuration is evaluated. Default: none.</summary>
    internal Func<EndpointReference, AllocatedEndpoint?>? ResolveOwnEndpoint { get; init; }
}
