using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Provisioning;
using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Dashboard;

/// <summary>Shows in the dashboard's row how its process fares.</summary>
internal sealed class DashboardRow(DistributedApplicationModel model, ResourceNotificationService notifications, DashboardSettings settings, TimeProvider time)
{
    public Task ShowStartingAsync(DashboardProgram program, ChildProcess child) => PublishAsync(snapshot => snapshot with
    {
        State = KnownResourceStates.Starting,
        StartTimeStamp = child.StartTime,
        StopTimeStamp = null,
        ExitCode = null,
        Properties = snapshot.Properties
            .SetProperty(KnownPropertyNames.ExecutablePath, program.FileName)
            .SetProperty(KnownPropertyNames.ExecutableWorkingDirectory, program.Folder)
            .SetProperty(KnownPropertyNames.ExecutableArguments, program.Arguments.ToImmutableArray())
            .SetProperty(KnownPropertyNames.ExecutableProcessId, child.Id),
    });

    public Task ShowRunningAsync() => PublishAsync(snapshot => snapshot with
    {
        State = KnownResourceStates.Running,
        Urls = [.. settings.Listeners.Select((address, i) => new UrlSnapshot($"{address.Scheme}-{i}", address.PublicUrl, IsInternal: false))],
    });

    public Task ShowEndAsync(ProcessExit exit) => PublishAsync(snapshot => snapshot with
    {
        State = KnownResourceStates.Exited,
        StopTimeStamp = exit.At,
        ExitCode = exit.Code,
        Urls = [],
    });

    public Task ShowFailureAsync() => PublishAsync(snapshot => snapshot with
    {
        State = KnownResourceStates.FailedToStart,
        StopTimeStamp = time.GetUtcNow().UtcDateTime,
    });

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        model.Resources.OfType<DashboardResource>().FirstOrDefault() is { } resource
            ? notifications.PublishUpdateAsync(resource, change)
            : Task.CompletedTask;
}
