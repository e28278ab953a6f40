namespace Aspire.Hosting.ApplicationModel;

/// <summary>An nginx reverse proxy that runs as a local process and balances requests over the resources behind it.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="command">The path of the nginx binary; <c>AddNginx</c> replaces it before the application starts.</param>
/// <param name="workingDirectory">The folder that nginx is started in; <c>AddNginx</c> replaces it before the application starts.</param>
public class NginxResource(string name, string command, string workingDirectory)
    : ExecutableResource(name, command, workingDirectory), IResourceWithServiceDiscovery
{
    internal const string PrimaryEndpointName = "http";

    internal const string HttpsEndpointName = "https";

    private EndpointReference? _primaryEndpoint;

    /// <summary>The endpoint for clients: HTTP, on the loopback interface unless its target host names other addresses.</summary>
    public EndpointReference PrimaryEndpoint => _primaryEndpoint ??= new(this, PrimaryEndpointName);

    internal static bool IsHttpsEndpoint(EndpointAnnotation endpoint) => endpoint.Name == HttpsEndpointName;
}

/// <summary>The container that stands for an nginx in the model of an application that runs it in a container.</summary>
/// <remarks>It has the annotations of the <see cref="NginxResource"/>: what is asked of one is asked of both.</remarks>
public sealed class NginxContainerResource : ContainerResource
{
    private readonly NginxResource _nginx;

    internal NginxContainerResource(NginxResource nginx)
        : base(nginx.Name, entrypoint: "nginx") => _nginx = nginx;

    /// <inheritdoc/>
    public override ResourceAnnotationCollection Annotations => _nginx.Annotations;
}
