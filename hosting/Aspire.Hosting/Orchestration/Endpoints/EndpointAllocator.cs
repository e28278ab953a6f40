using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration.Endpoints;

/// <summary>
/// Gives every instance its own port, and its own Unix socket where it can have one. Both stay with the instance over
/// restarts: there is no proxy in between, so who was told an address can go on using it.
/// </summary>
internal sealed class EndpointAllocator(PortAllocator ports, RunFolder runFolder, IConfiguration configuration) : IDisposable
{
    private const string RandomizePortsKey = "DcpPublisher:RandomizePorts";

    private readonly List<PortLease> _leases = [];
    private readonly bool _randomizePorts = bool.TryParse(configuration[RandomizePortsKey], out var randomize) && randomize;

    /// <summary>Allocates the endpoints of all instances and records them in the model.</summary>
    /// <exception cref="DistributedApplicationException">The endpoint's ports contradict each other.</exception>
    public IReadOnlyList<IReadOnlyList<InstanceEndpoint>> Allocate(IResource resource, IReadOnlyList<InstanceName> instances)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault();
        foreach (var endpoint in endpoints)
        {
            Validate(resource, endpoint, instances.Count);
        }

        var allocated = instances
            .Select(instance => (IReadOnlyList<InstanceEndpoint>)[.. endpoints.Select(e => AllocateOne(resource, e, instance, instances.Count))])
            .ToArray();

        for (var i = 0; i < endpoints.Length; i++)
        {
            // Others are told the addresses of the replicas there are at the start, not those of the spares.
            endpoints[i].ReplicaEndpoints = replicas is null ? [] : [.. allocated.Take(replicas.Replicas).Select(instance => instance[i].Allocated)];
            endpoints[i].AllocatedEndpoint = allocated[0][i].Allocated;
        }

        return allocated;
    }

    public void Dispose()
    {
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }
    }

    private InstanceEndpoint AllocateOne(IResource resource, EndpointAnnotation endpoint, InstanceName instance, int instanceCount)
    {
        var port = (instanceCount == 1 ? FixedPort(endpoint) : null) ?? LeasePort();
        var host = IsAnyAddress(endpoint.TargetHost) ? KnownHostNames.Localhost : endpoint.TargetHost;
        return new InstanceEndpoint(endpoint, new AllocatedEndpoint(endpoint, host, port), UnixSocket(resource, endpoint, instance));
    }

    /// <summary>
    /// The process itself listens, so the port it was told (the target port) comes before the one the model shows.
    /// A launch profile's port is a wish: taken when it is free.
    /// </summary>
    private int? FixedPort(EndpointAnnotation endpoint)
    {
        if (_randomizePorts && endpoint.IsProxied)
        {
            return null;
        }

        var port = endpoint.TargetPort ?? endpoint.Port;
        return endpoint.FromLaunchProfile && port is { } wish && !PortAllocator.IsPortFree(wish) ? null : port;
    }

    private static bool IsAnyAddress(string host) => host is "0.0.0.0" or "::" or "[::]" or "*" or "+";

    private int LeasePort()
    {
        var lease = ports.Allocate();
        _leases.Add(lease);
        return lease.Port;
    }

    private string? UnixSocket(IResource resource, EndpointAnnotation endpoint, InstanceName instance)
    {
        // Only ASP.NET Core can be told, by its URLs, to listen on a socket as well.
        if (resource is not ProjectResource || KestrelEndpointsAnnotation.Contains(resource, endpoint) || endpoint.UriScheme != Uri.UriSchemeHttp || !Socket.OSSupportsUnixDomainSockets || OperatingSystem.IsWindows())
        {
            return null;
        }

        return runFolder.SocketPath($"{instance.Id}-{endpoint.Name}");
    }

    private static void Validate(IResource resource, EndpointAnnotation endpoint, int instanceCount)
    {
        var subject = $"Endpoint '{endpoint.Name}' of resource '{resource.Name}'";
        if (instanceCount > 1 && !endpoint.IsProxied)
        {
            throw new DistributedApplicationException($"{subject} is not proxied and the resource has {instanceCount} replicas; they cannot share one port. Remove isProxied: false or the replicas.");
        }

        if (instanceCount > 1 && endpoint.TargetPort is { } targetPort)
        {
            throw new DistributedApplicationException($"{subject} has the fixed target port {targetPort} and the resource has {instanceCount} replicas; they cannot share one port. Remove the target port or the replicas.");
        }

        if (!endpoint.IsProxied && endpoint.Port is { } port && endpoint.TargetPort is { } target && port != target)
        {
            throw new DistributedApplicationException($"{subject} is not proxied, so its port {port} and its target port {target} must be the same. Give only one of them.");
        }
    }
}
