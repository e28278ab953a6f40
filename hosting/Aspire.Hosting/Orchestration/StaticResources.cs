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
        }).ConfigureAwait(false);
        await health.StartAsync(resource).ConfigureAwait(false);
    }

    /// <summary>Brings the resource to the state it keeps.</summary>
    public Task StartAsync(IResource resource, CancellationToken cancellationToken) => resource switch
    {
        ContainerResource => FailContainerAsync(resource),
        ParameterResource parameter => ShowParameterAsync(parameter),
        IResourceWithConnectionString connection => ShowConnectionStringAsync(connection, cancellationToken),
        ExternalServiceResource service => ShowExternalServiceAsync(service, cancellationToken),
        _ => Task.CompletedTask,
    };

    private async Task FailContainerAsync(IResource container)
    {
        Log.Failed(logs.GetLogger(container), NoContainerRuntime);
        reporter.FailedToStart(container.Name, NoContainerRuntime);
        await ShowStateAsync(container, KnownResourceStates.FailedToStart).ConfigureAwait(false);
    }

    private async Task ShowParameterAsync(ParameterResource parameter)
    {
        try
        {
            var value = await parameter.GetValueAsync(CancellationToken.None).ConfigureAwait(false);
            await notifications.PublishUpdateAsync(parameter, snapshot => snapshot with
            {
                State = KnownResourceStates.Running,
                Properties = [.. snapshot.Properties.Where(p => p.Name != KnownPropertyNames.ParameterValue), new(KnownPropertyNames.ParameterValue, value) { IsSensitive = parameter.Secret }],
            }).ConfigureAwait(false);
        }
        catch (MissingParameterValueException e)
        {
            Log.Failed(logs.GetLogger(parameter), e.Message);
            reporter.FailedToStart(parameter.Name, e.Message);
            await notifications.PublishUpdateAsync(parameter, snapshot => snapshot with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.ValueMissing, KnownResourceStateStyles.Error),
            }).ConfigureAwait(false);
        }
    }

    private async Task ShowConnectionStringAsync(IResourceWithConnectionString connection, CancellationToken cancellationToken)
    {
        string? value;
        try
        {
            value = await connection.GetConnectionStringAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DistributedApplicationException or InvalidOperationException)
        {
            reporter.FailedToStart(connection.Name, e.Message);
            await ShowStateAsync(connection, KnownResourceStates.FailedToStart).ConfigureAwait(false);
            return;
        }

        await notifications.PublishUpdateAsync(connection, snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            Properties = [.. snapshot.Properties, new(CustomResourceKnownProperties.ConnectionString, value) { IsSensitive = true }],
        }).ConfigureAwait(false);
        await eventing.PublishAsync(new ConnectionStringAvailableEvent(connection, services), cancellationToken).ConfigureAwait(false);
    }

    private async Task ShowExternalServiceAsync(ExternalServiceResource service, CancellationToken cancellationToken)
    {
        var url = service.Uri?.ToString() ?? (service.UrlParameter is { } parameter ? await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false) : null);
        await notifications.PublishUpdateAsync(service, snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            Urls = url is null ? snapshot.Urls : [new UrlSnapshot(service.Name, url, IsInternal: false)],
        }).ConfigureAwait(false);
    }

    private Task ShowStateAsync(IResource resource, string state) => notifications.PublishUpdateAsync(resource, snapshot => snapshot with { State = state });

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
