using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration.Health;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Shows the resources that have no process: parameters, connection strings, external services, containers, and others' own.</summary>
internal sealed partial class StaticResources(
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    ResourceReporter reporter,
    IDistributedApplicationEventing eventing,
    SharedHealthMonitor health,
    IServiceProvider services,
    TimeProvider time)
{
    private const string NoContainerRuntime =
        "running a container needs a container runtime, and this host starts processes only. Add it as an executable or an external service, or publish it.";

    /// <summary>Shows the row as it is before anything starts, and watches the resource's health from when it runs.</summary>
    public async Task InitializeAsync(IResource resource)
    {
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with
        {
            ResourceType = ResourceTypes.Of(resource, snapshot.ResourceType),
            CreationTimeStamp = snapshot.CreationTimeStamp ?? time.GetUtcNow().UtcDateTime,
            Properties = resource is ParameterResource parameter
                ? snapshot.Properties.SetProperty(CustomResourceKnownProperties.Source, parameter.ConfigurationKey)
                : snapshot.Properties,
        }).ConfigureAwait(false);
        await health.StartAsync(resource).ConfigureAwait(false);
    }

    /// <summary>Brings the resource to the state it keeps.</summary>
    public Task StartAsync(IResource resource, CancellationToken cancellationToken) => resource switch
    {
        ContainerResource => FailAsync(resource, NoContainerRuntime),
        ParameterResource parameter => ShowParameterAsync(parameter),
        IResourceWithConnectionString connection => ShowConnectionStringAsync(connection, cancellationToken),
        ExternalServiceResource service => ShowExternalServiceAsync(service, cancellationToken),
        _ => Task.CompletedTask,
    };

    private Task FailAsync(IResource resource, string reason) => FailAsync(resource, reason, KnownResourceStates.FailedToStart);

    private Task FailAsync(IResource resource, string reason, ResourceStateSnapshot? state)
    {
        Log.Failed(logs.GetLogger(resource), reason);
        reporter.FailedToStart(resource.Name, reason);
        return notifications.PublishUpdateAsync(resource, snapshot => snapshot with { State = state });
    }

    private async Task ShowParameterAsync(ParameterResource parameter)
    {
        try
        {
            var value = await parameter.GetValueAsync(CancellationToken.None).ConfigureAwait(false);
            await notifications.PublishUpdateAsync(parameter, snapshot => snapshot with
            {
                State = KnownResourceStates.Running,
                Properties = snapshot.Properties.SetProperty(KnownPropertyNames.ParameterValue, value, parameter.Secret),
            }).ConfigureAwait(false);
        }
        catch (MissingParameterValueException e)
        {
            await FailAsync(parameter, e.Message, new ResourceStateSnapshot(KnownResourceStates.ValueMissing, KnownResourceStateStyles.Error)).ConfigureAwait(false);
        }
    }

    private async Task ShowConnectionStringAsync(IResourceWithConnectionString connection, CancellationToken cancellationToken)
    {
        string? value;
        try
        {
            await notifications.WaitForDependenciesAsync(connection, cancellationToken).ConfigureAwait(false);
            value = await connection.GetConnectionStringAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DistributedApplicationException or InvalidOperationException)
        {
            await FailAsync(connection, e.Message).ConfigureAwait(false);
            return;
        }

        await notifications.PublishUpdateAsync(connection, snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            Properties = snapshot.Properties.SetProperty(CustomResourceKnownProperties.ConnectionString, value, isSensitive: true),
        }).ConfigureAwait(false);
        await eventing.PublishAsync(new ConnectionStringAvailableEvent(connection, services), cancellationToken).ConfigureAwait(false);
    }

    private async Task ShowExternalServiceAsync(ExternalServiceResource service, CancellationToken cancellationToken)
    {
        Uri uri;
        try
        {
            uri = await service.ReadUriAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DistributedApplicationException e)
        {
            await FailAsync(service, e.Message).ConfigureAwait(false);
            return;
        }

        await notifications.PublishUpdateAsync(service, snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            Urls = [new UrlSnapshot(service.Name, uri.ToString(), IsInternal: false)],
            Properties = snapshot.Properties.SetProperty(CustomResourceKnownProperties.Source, uri.ToString()),
        }).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
