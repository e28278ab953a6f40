using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Instances;

namespace Aspire.Hosting.Orchestration;

/// <summary>Makes the instances of a resource: as many as it has replicas, each with a name, addresses and a console.</summary>
internal sealed class ProcessResourceFactory(
    EndpointAllocator endpoints,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    ConsoleLogFiles logFiles,
    InstanceServices instanceServices,
    ResourceReporter reporter,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    TimeProvider time)
{
    /// <exception cref="DistributedApplicationException">The resource's endpoints contradict each other.</exception>
    public ProcessResource Create(IResource resource)
    {
        var isReplicated = resource.Annotations.OfType<ReplicaAnnotation>().Any();
        var names = InstanceName.Of(resource);
        var addresses = endpoints.Allocate(resource, names);

        var instances = names.Select((name, i) => Create(resource, name, addresses[i], i, isReplicated)).ToArray();
        var group = isReplicated ? new GroupRow(resource, notifications, logs, time) : null;
        return new ProcessResource(resource, instances, group, eventing, notifications, reporter, services);
    }

    private ResourceInstance Create(IResource resource, InstanceName name, IReadOnlyList<InstanceEndpoint> addresses, int index, bool isReplica)
    {
        var console = new InstanceConsole(name.Id, logs, logFiles.Open(resource.Name, isReplica ? index + 1 : null), time);
        var row = new InstanceRow(resource, addresses, isReplica, time);
        return new ResourceInstance(resource, name, addresses, row, console, instanceServices);
    }
}
