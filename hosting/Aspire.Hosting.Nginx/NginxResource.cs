namespace Aspire.Hosting.ApplicationModel;

/// <summary>An nginx reverse proxy that runs as a local process and balances requests over the resources behind it.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="command">The nginx binary; settled before the application starts.</param>
/// <param name="workingDirectory">The folder nginx is started in.</param>
public class NginxResource(string name, string command, string workingDirectory)
    : ExecutableResource(name, command, workingDirectory), IResourceWithServiceDiscovery
{
    internal const string PrimaryEndpointName = "http";

    private EndpointReference? _primaryEndpoint;

    /// <summary>The endpoint clients reach: plain HTTP on the loopback interface unless its target host says otherwise.</summary>
    public EndpointReference PrimaryEndpoint => _primaryEndpoint ??= new(this, PrimaryEndpointName);
}
