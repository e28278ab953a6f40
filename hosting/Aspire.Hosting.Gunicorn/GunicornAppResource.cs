namespace Aspire.Hosting.ApplicationModel;

/// <summary>A Python web application that gunicorn runs: a master process and its workers.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="command">The path of the Python interpreter; <c>AddGunicornApp</c> replaces it before the application starts.</param>
/// <param name="workingDirectory">The folder of the application.</param>
public class GunicornAppResource(string name, string command, string workingDirectory)
    : ExecutableResource(name, command, workingDirectory), IResourceWithServiceDiscovery
{
    internal const string PrimaryEndpointName = "http";

    private EndpointReference? _primaryEndpoint;

    /// <summary>The endpoint of the application: HTTP, on a port of its own on the loopback interface.</summary>
    public EndpointReference PrimaryEndpoint => _primaryEndpoint ??= new(this, PrimaryEndpointName);
}
