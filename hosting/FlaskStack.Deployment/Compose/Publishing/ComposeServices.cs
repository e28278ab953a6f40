using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker.Resources;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;
using Aspire.Hosting.Supervisor.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>Makes a service of a resource.</summary>
internal sealed class ComposeServices(
    DockerComposeEnvironmentResource environment,
    IReadOnlyList<IResource> resources,
    ComposeEndpoints endpoints,
    ComposeImages images,
    ComposeValues values,
    string outputFolder,
    DistributedApplicationExecutionContext executionContext,
    CancellationToken cancellationToken)
{
    /// <exception cref="DistributedApplicationException">The resource cannot be a service.</exception>
    public async Task<Service> CreateAsync(IResource resource, ComposeFile file)
    {
        var service = new Service { Name = DockerComposeEnvironmentResource.ServiceNameOf(resource) };
        await images.ApplyAsync(resource, service).ConfigureAwait(false);
        await AddCommandAsync(resource, service).ConfigureAwait(false);
        await AddEnvironmentAsync(resource, service).ConfigureAwait(false);
        AddPorts(resource, service);
        AddMounts(resource, service, file);
        AddDependencies(resource, service);
        service.Healthcheck = HealthOf(resource);
        if (resource.GetReplicaCount() is > 1 and var replicas)
        {
            service.Deploy = new Deploy { Replicas = replicas };
        }

        ComposeSupervision.Apply(resource, service);
        if (resource is ProjectResource)
        {
            Confine(service);
        }

        service.Networks.AddRange(file.Networks.Keys);
        foreach (var customization in resource.Annotations.OfType<DockerComposeServiceCustomizationAnnotation>())
        {
            customization.Configure(new DockerComposeServiceResource(service.Name, resource, environment), service);
        }

        return service;
    }

    /// <summary>The image runs as a user without rights, and needs none; what it writes are temporary files.</summary>
    private static void Confine(Service service)
    {
        service.ReadOnly = true;
        service.Tmpfs.Add("/tmp");
        service.CapDrop.Add("ALL");
        service.SecurityOpt.Add("no-new-privileges:true");
    }

    private Healthcheck? HealthOf(IResource resource) =>
        ComposeHealth.Of(resource, endpoints, ComposeSupervision.OptionsOf(resource) ?? new SupervisorOptions());

    private async Task AddCommandAsync(IResource resource, Service service)
    {
        if (resource is ContainerResource { Entrypoint: { } entrypoint })
        {
            service.Entrypoint.Add(entrypoint);
        }

        foreach (var argument in await ConfigurationResolver.CollectArgumentsAsync(resource, executionContext, NullLogger.Instance, cancellationToken).ConfigureAwait(false))
        {
            if (await values.TextOfAsync(argument).ConfigureAwait(false) is { } text)
            {
                service.Command.Add(text);
            }
        }
    }

    private async Task AddEnvironmentAsync(IResource resource, Service service)
    {
        var variables = await ConfigurationResolver.CollectVariablesAsync(resource, executionContext, NullLogger.Instance, cancellationToken).ConfigureAwait(false);
        var telemetry = environment is { DashboardEnabled: true, Dashboard: { } dashboard } ? ComposeDashboard.VariablesFor(resource, dashboard) : [];
        foreach (var (name, value) in variables.Concat(telemetry.Where(variable => !variables.ContainsKey(variable.Key))))
        {
            if (await values.TextOfAsync(value).ConfigureAwait(false) is { } text)
            {
                service.Environment[name] = text;
            }
        }
    }

    /// <summary>Where no port was asked for, a variable can choose one when the stack is started.</summary>
    private void AddPorts(IResource resource, Service service)
    {
        foreach (var (endpoint, port) in endpoints.Of(resource))
        {
            var inside = port.ToString(CultureInfo.InvariantCulture);
            if (endpoint.IsExternal)
            {
                var variable = $"{EnvironmentVariableName.From(resource.Name).ToUpperInvariant()}_PORT";
                service.Ports.Add(endpoint.Port is { } outside && outside != port ? string.Create(CultureInfo.InvariantCulture, $"{outside}:{inside}") : $"${{{variable}:-{inside}}}:{inside}");
            }
            else if (!service.Expose.Contains(inside))
            {
                service.Expose.Add(inside);
            }
        }
    }

    private void AddMounts(IResource resource, Service service, ComposeFile file)
    {
        foreach (var mount in resource.Annotations.OfType<ContainerMountAnnotation>())
        {
            var isVolume = mount.Type == ContainerMountType.Volume;
            service.Volumes.Add(new Volume
            {
                Name = mount.Target,
                Type = isVolume ? "volume" : "bind",
                Source = isVolume || mount.Source is null ? mount.Source : Path.GetRelativePath(outputFolder, mount.Source).Replace('\\', '/'),
                Target = mount.Target,
                ReadOnly = mount.IsReadOnly ? true : null,
            });
            if (isVolume && mount.Source is { } name)
            {
                file.AddVolume(new Volume { Name = name, Driver = "local" });
            }
        }
    }

    private void AddDependencies(IResource resource, Service service)
    {
        foreach (var wait in resource.Annotations.OfType<WaitAnnotation>())
        {
            // The resource that was waited for may have been replaced by a container of its name.
            if (resources.FirstOrDefault(other => string.Equals(other.Name, wait.Resource.Name, StringComparison.OrdinalIgnoreCase)) is { } other)
            {
                service.DependsOn[DockerComposeEnvironmentResource.ServiceNameOf(other)] = new() { Condition = ConditionOf(wait, other) };
            }
        }
    }

    private string ConditionOf(WaitAnnotation wait, IResource other) => wait.WaitType switch
    {
        WaitType.WaitForCompletion => "service_completed_successfully",
        WaitType.WaitUntilHealthy when HealthOf(other) is not null => "service_healthy",
        _ => "service_started",
    };
}
