using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>Reads from the model what a cluster is to run.</summary>
internal sealed class WorkloadReader(KubernetesTarget target, ValueReader values)
{
    private const long DefaultMemory = 512L * 1024 * 1024;
    private const int LongestPortName = 15;

    /// <exception cref="DistributedApplicationException">
    /// The resource cannot be run by a cluster; the message names it and the remedy.
    /// </exception>
    public async Task<Workload> ReadAsync(IResource resource)
    {
        var isSupervised = resource.TryGetSupervisorOptions(out var given);
        var supervision = given ?? new SupervisorOptions();
        var kind = KindOf(resource);
        var isRouted = target.Routes.Any(route => route.Workload == DeploymentTarget.NameOf(resource));
        var workload = new Workload
        {
            Name = DeploymentTarget.NameOf(resource),
            Kind = kind,
            Image = kind == WorkloadKind.Container && resource.TryGetContainerImageName(out var image)
                ? image : DeploymentTarget.NameOf(resource),
            Replicas = resource.GetReplicaCount(),
            MaxReplicas = DeploymentTarget.MostReplicasOf(resource),
            Ports = Ports(resource),
            Variables = [.. (await values.VariablesAsync(resource).ConfigureAwait(false))
                .OrderBy(static variable => variable.Name, StringComparer.Ordinal)],
            Arguments = await values.ArgumentsAsync(resource).ConfigureAwait(false),
            Command = (resource as ContainerResource)?.Entrypoint,
            Probes = ProbesOf(resource, supervision, isSupervised),
            MemoryLimit = supervision.MemoryLimit ?? DefaultMemory,
            StopTime = TimeSpan.FromSeconds(supervision.StopWaitSeconds),
            IsExternal = isRouted || resource.Annotations.OfType<EndpointAnnotation>().Any(static endpoint => endpoint.IsExternal),
            IsRouted = isRouted,
        };

        return kind switch
        {
            WorkloadKind.Project => workload with { StopTime = workload.StopTime + ValueReader.DrainTime(workload.Variables) },
            WorkloadKind.Nginx => NginxWorkload.Complete(workload, resource, supervision, target),
            _ => workload,
        };
    }

    private WorkloadKind KindOf(IResource resource) => resource switch
    {
        _ when PublishedNginx.IsNginx(resource) => WorkloadKind.Nginx,
        ProjectResource => WorkloadKind.Project,
        ContainerResource when resource.HasAnnotationOfType<ContainerMountAnnotation>() => throw new DistributedApplicationException(
            $"'{resource.Name}' has a volume or a mount, for which '{target.Name}' has no storage: "
            + "bind it to another environment, or leave it out with ExcludeFromManifest() and run it beside."),
        ContainerResource => WorkloadKind.Container,
        _ => throw new DistributedApplicationException(
            $"'{resource.Name}' is an executable, of which a cluster has no image: "
            + "publish it with PublishAsDockerFile(), or leave it out with ExcludeFromManifest()."),
    };

    /// <summary>A container that listens once is reached once, whatever its endpoints are called.</summary>
    private ImmutableArray<WorkloadPort> Ports(IResource resource) =>
    [
        .. DeploymentTarget.EndpointsOf(resource)
            .Select(endpoint => new WorkloadPort(
                PortName(endpoint.Name), KubernetesTarget.ServicePort(endpoint), target.ContainerPort(resource, endpoint)))
            .DistinctBy(static port => port.ContainerPort),
    ];

    private static string PortName(string endpoint)
    {
        var name = endpoint.ToLowerInvariant();
        return (name.Length > LongestPortName ? name[..LongestPortName] : name).Trim('-');
    }

    private WorkloadProbes? ProbesOf(IResource resource, SupervisorOptions supervision, bool isSupervised)
    {
        if (HttpProbe.Readiness(resource) is not { } ready)
        {
            return null;
        }

        var hasWatchdog = isSupervised && supervision.Watchdog.Enabled;
        return new WorkloadProbes(
            target.ContainerPort(resource, ready.Endpoint),
            ready.Path,
            HttpProbe.AlivePath(resource, ready),
            supervision.HealthyTimeout,
            hasWatchdog ? supervision.Watchdog.Timeout : null);
    }
}
