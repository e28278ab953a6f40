using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Processes;
using Aspire.Hosting.Orchestration.Projects;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>Decides what to execute for an instance, with which arguments and environment, and executes it.</summary>
internal sealed class InstanceLauncher(
    ProcessLauncher processes,
    ProjectCommands projects,
    InstanceEnvironment environment,
    ResourceLoggerService logs,
    ResourceNotificationService notifications,
    DistributedApplicationExecutionContext executionContext)
{
    /// <exception cref="DistributedApplicationException">A value cannot be resolved or the project cannot be built.</exception>
    public async Task<InstanceLaunch> PrepareAsync(IResource resource, ResourceInstance instance, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(resource, instance, cancellationToken).ConfigureAwait(false);
        var context = new ValueProviderContext
        {
            ExecutionContext = executionContext,
            Caller = resource,
            ResolveOwnEndpoint = endpoint => OwnEndpoint(instance, resource, endpoint),
        };
        var resolved = await ConfigurationResolver.ResolveAsync(resource, executionContext, logs.GetLogger(instance.Name.Id), context, cancellationToken).ConfigureAwait(false);
        var variables = environment.Complete(resource, instance.Name, instance.Endpoints, resolved.Environment);

        return new InstanceLaunch(
            new ProcessSpec
            {
                DisplayName = instance.Name.Id,
                FileName = command.FileName,
                Arguments = [.. command.Arguments, .. resolved.Arguments.Select(a => a.Value)],
                WorkingDirectory = command.WorkingDirectory,
                Environment = InstanceEnvironment.ForProcess(variables),
                StopSignal = StopSignal(instance.Name.Id),
            },
            [.. variables.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new EnvironmentVariableSnapshot(v.Key, v.Value, IsFromSpec: true))],
            resolved.Arguments);
    }

    /// <exception cref="ProcessStartException">The executable or its folder is missing.</exception>
    public ChildProcess Start(InstanceLaunch launch, IReadOnlyList<InstanceEndpoint> endpoints, IConsoleSink console)
    {
        foreach (var socket in endpoints.Select(e => e.UnixSocket).OfType<string>())
        {
            // What a killed predecessor left would make the bind fail: a Unix socket's file outlives its process.
            File.Delete(socket);
        }

        EnsurePortsFree(endpoints);
        return processes.Start(launch.Process, console);
    }

    private async Task<ProjectCommand> CommandAsync(IResource resource, ResourceInstance instance, CancellationToken cancellationToken) => resource switch
    {
        ProjectResource project => await projects.ForAsync(project, instance, cancellationToken).ConfigureAwait(false),
        ExecutableResource executable => new ProjectCommand(executable.Command, [], executable.WorkingDirectory),
        _ => throw new DistributedApplicationException($"Resource '{resource.Name}' is neither a project nor an executable."),
    };

    /// <exception cref="DistributedApplicationException">Somebody else listens on a port of the instance.</exception>
    private static void EnsurePortsFree(IReadOnlyList<InstanceEndpoint> endpoints)
    {
        foreach (var endpoint in endpoints.Where(e => e.Annotation.Protocol == ProtocolType.Tcp && !PortAllocator.IsPortFree(e.Allocated.Port)))
        {
            var owner = PortAllocator.WhoListens(endpoint.Allocated.Port) is { } listener ? $" by {listener}" : string.Empty;
            throw new DistributedApplicationException($"port {endpoint.Allocated.Port} of endpoint '{endpoint.Annotation.Name}' is already in use{owner}; choose another port, or stop who uses it.");
        }
    }

    private static AllocatedEndpoint? OwnEndpoint(ResourceInstance instance, IResource resource, EndpointReference endpoint) =>
        endpoint.Resource == resource
            ? instance.Endpoints.FirstOrDefault(e => string.Equals(e.Annotation.Name, endpoint.EndpointName, StringComparison.OrdinalIgnoreCase))?.Allocated
            : null;

    private ProcessSignal StopSignal(string instanceId) =>
        StopSettings.Signal(notifications.TryGetCurrentState(instanceId, out var current) ? current.Snapshot.Properties : []);
}
