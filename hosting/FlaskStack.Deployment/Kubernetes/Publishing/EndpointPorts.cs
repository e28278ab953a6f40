using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Which ports endpoints have in a cluster.</summary>
internal static class EndpointPorts
{
    /// <summary>Where the .NET images listen.</summary>
    private const int ProjectPort = 8080;

    /// <summary>Where others reach it: the port given, else the usual one of its scheme.</summary>
    /// <exception cref="InvalidOperationException">There is neither.</exception>
    public static int ServicePort(EndpointAnnotation endpoint) => Given(endpoint.Port) ?? UsualPort(endpoint) ?? Given(endpoint.TargetPort)
        ?? throw new InvalidOperationException($"Endpoint '{endpoint.Name}' has no port, and '{endpoint.UriScheme}' has no usual one.");

    /// <summary>Where the container listens.</summary>
    public static int ContainerPort(IResource resource, EndpointAnnotation endpoint) => resource switch
    {
        _ when NginxPublication.IsNginx(resource) => NginxImage.Port,
        ProjectResource => Given(endpoint.TargetPort) ?? ProjectPort,
        _ => Given(endpoint.TargetPort) ?? ServicePort(endpoint),
    };

    public static int? UsualPort(EndpointAnnotation endpoint) => endpoint.UriScheme.ToLowerInvariant() switch
    {
        "http" => 80,
        "https" => 443,
        _ => null,
    };

    private static int? Given(int? port) => port is 0 ? null : port;
}
