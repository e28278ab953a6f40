namespace Aspire.Hosting.ApplicationModel;

/// <summary>An nginx reverse proxy that runs as a local process and balances requests over the resources behind it.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="command">The path of the nginx binary; <c>AddNginx</c> replaces it before the application starts.</param>
/// <param name="workingDirectory">The folder that nginx is started in; <c>AddNginx</c> replaces it before the application starts.</param>
public class NginxResource(string name, string command, string workingDirectory)
    : ExecutableResource(name, command, workingDirectory), IResourceWithServiceDiscovery
{
    internal const string PrimaryEndpointName = "http";

    private EndpointReference? _primaryEndpoint;

    /// <summary>The endpoint for clients: HTTP, on the loopback interface unless its target host names other addresses.</summary>
    public EndpointReference PrimaryEndpoint => _primaryEndpoint ??= new(this, PrimaryEndpointName);
}
