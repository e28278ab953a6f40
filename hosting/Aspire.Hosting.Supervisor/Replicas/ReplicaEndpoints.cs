using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Replicas;

/// <summary>Gives each replica its own port, without a proxy in between.</summary>
internal static class ReplicaEndpoints
{
    private const string Http = "http";

    /// <summary>
    /// Removes the fixed ports of the launch profile from a replica, and its https endpoints when it has an http one. The orchestrator
    /// finds a free port for each endpoint without a proxy and without a port.
    /// </summary>
    public static void UseOwnPorts(IResourceBuilder<ProjectResource> replica)
    {
        var annotations = replica.Resource.Annotations;
        var endpoints = annotations.OfType<EndpointAnnotation>().ToArray();
        if (endpoints.Length == 0)
        {
            replica.WithHttpEndpoint(name: Http, isProxied: false);
            return;
        }

        foreach (var endpoint in endpoints)
        {
            if (endpoint.UriScheme != Http && endpoints.Any(other => other.UriScheme == Http))
            {
                annotations.Remove(endpoint);
                continue;
            }

            (endpoint.Port, endpoint.TargetPort, endpoint.IsProxied) = (null, null, false);
        }
    }

    /// <summary>Turns off the proxy of each endpoint, and checks that none has a fixed port.</summary>
    /// <exception cref="DistributedApplicationException">A fixed port was given, and there are several replicas.</exception>
    public static void Check(IResourceBuilder<ProjectResource> replica, string group, int max)
    {
        foreach (var endpoint in replica.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            endpoint.IsProxied = false;
            if (max > 1 && (endpoint.Port ?? endpoint.TargetPort) is { } port and > 0)
            {
                throw new DistributedApplicationException(
                    $"AddReplicas: the endpoint '{endpoint.Name}' of '{group}' has the fixed port {port}, "
                    + $"and only one of up to {max} replicas could listen there. "
                    + "Leave the port out; a fixed one belongs to the proxy in front.");
            }
        }
    }
}
