using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Publishing.Values;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Reads one resource of the model.</summary>
internal sealed class WorkloadReader(KubernetesEnvironmentResource environment, ValueReader values, DistributedApplicationExecutionContext executionContext)
{
    private const string ClusterIp = "ClusterIP";
    private const long DefaultMemory = 512L * 1024 * 1024;
    private const int LongestPortName = 15;

    /// <summary>Where services with the usual service defaults say that they are ready, and that they live.</summary>
    private const string ReadyPath = "/health";
    private const string AlivePath = "/alive";

    public async Task<Workload> ReadAsync(IComputeResource resource, CancellationToken cancellationToken)
    {
        var isSupervised = resource.TryGetSupervisorOptions(out var given);
        var supervision = given ?? new SupervisorOptions();
        var ports = Ports(resource);
        var isRouted = IsRouted(resource);
        var workload = new Workload
        {
            Name = resource.Name.ToLowerInvariant(),
            Kind = KindOf(resource),
            Image = ImageOf(resource),
            ImagePullPolicy = environment.DefaultImagePullPolicy,
            ServiceType = IsExternal(resource) && !isRouted && environment.DefaultServiceType == ClusterIp ? "LoadBalancer" : environment.DefaultServiceType,
            Replicas = resource.GetReplicaCount(),
            MaxReplicas = Math.Max(resource.GetReplicaCount(), supervision.MaxReplicas),
            Ports = ports,
            Variables = await values.VariablesAsync(resource, executionContext, static _ => true, cancellationToken).ConfigureAwait(false),
            Arguments = await values.ArgumentsAsync(resource, executionContext, cancellationToken).ConfigureAwait(false),
            Command = resource is ContainerResource { Entrypoint: { } entrypoint } ? [entrypoint] : [],
            Probes = ProbesOf(resource, supervision, isSupervised),
            MemoryLimit = supervision.MemoryLimit ?? DefaultMemory,
            StopTime = TimeSpan.FromSeconds(supervision.StopWaitSeconds),
            IsExternal = isRouted || IsExternal(resource),
        };

        return workload.Kind switch
        {
            WorkloadKind.Project => workload with { StopTime = workload.StopTime + DrainTime.Of(workload.Variables) },
            WorkloadKind.Nginx => NginxWorkload.Complete(workload, resource, supervision, isRouted, AddressOf),
            _ => workload,
        };
    }

    private static string AddressOf(EndpointReference endpoint) =>
        string.Create(CultureInfo.InvariantCulture, $"{endpoint.Resource.Name.ToLowerInvariant()}:{EndpointPorts.ServicePort(endpoint.EndpointAnnotation)}");

    private WorkloadKind KindOf(IResource resource) => resource switch
    {
        _ when NginxPublication.IsNginx(resource) => WorkloadKind.Nginx,
        ProjectResource => WorkloadKind.Project,
        ContainerResource when resource.HasAnnotationOfType<ContainerMountAnnotation>() => throw new DistributedApplicationException(
            $"'{resource.Name}' has a volume or a mount, for which '{environment.Name}' has no storage: bind it to another environment, or leave it out with ExcludeFromManifest() and run it beside."),
        ContainerResource => WorkloadKind.Container,
        _ => throw new DistributedApplicationException(
            $"'{resource.Name}' is an executable, of which a cluster has no image: publish it with PublishAsDockerFile(), or leave it out with ExcludeFromManifest()."),
    };

    private static string ImageOf(IResource resource) => resource switch
    {
        _ when NginxPublication.IsNginx(resource) => NginxWorkload.Image,
        ProjectResource => resource.Name.ToLowerInvariant(),
        _ => resource.TryGetContainerImageName(out var image) ? image : resource.Name.ToLowerInvariant(),
    };

    private static bool IsExternal(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>().Any(static endpoint => endpoint.IsExternal);

    private bool IsRouted(IResource resource) => environment.Ingresses.Any(ingress =>
        ingress.DefaultBackend?.Resource.Name == resource.Name || ingress.Paths.Any(path => path.Endpoint.Resource.Name == resource.Name));

    /// <summary>A container that listens once is reached once, whatever its endpoints are called.</summary>
    private static ImmutableArray<WorkloadPort> Ports(IResource resource) =>
    [
        .. resource.Annotations.OfType<EndpointAnnotation>()
            .Where(static endpoint => !endpoint.IsDefaultHttps)
            .Select(endpoint => new WorkloadPort(PortName(endpoint.Name), EndpointPorts.ServicePort(endpoint), EndpointPorts.ContainerPort(resource, endpoint)))
            .DistinctBy(static port => port.ContainerPort),
    ];

    private static string PortName(string endpoint)
    {
        var name = endpoint.ToLowerInvariant();
        return (name.Length > LongestPortName ? name[..LongestPortName] : name).Trim('-');
    }

    private static WorkloadProbes? ProbesOf(IResource resource, SupervisorOptions supervision, bool isSupervised)
    {
        if (!resource.TryGetLastAnnotation<HttpHealthProbeAnnotation>(out var probe))
        {
            return null;
        }

        var hasWatchdog = isSupervised && supervision.Watchdog.Enabled;
        return new WorkloadProbes(
            EndpointPorts.ContainerPort(resource, probe.Endpoint().EndpointAnnotation),
            probe.Path,
            probe.Path == ReadyPath && resource is ProjectResource ? AlivePath : null,
            supervision.HealthyTimeout,
            hasWatchdog ? supervision.Watchdog.Timeout : null);
    }
}
