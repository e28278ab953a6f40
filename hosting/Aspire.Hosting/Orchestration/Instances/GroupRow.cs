using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>
/// The row of a replicated resource as a whole, named as the model names it. It is what people and waits mean by the
/// resource's name; it has no process and no address of its own.
/// </summary>
internal sealed partial class GroupRow(IResource resource, ResourceNotificationService notifications, ResourceLoggerService logs, TimeProvider time)
{
    private readonly ILogger _log = logs.GetLogger(resource.Name);
    private GroupState? _shown;

    /// <param name="replicas">How many replicas there are.</param>
    /// <param name="maximum">How many there may be.</param>
    public Task InitializeAsync(int replicas, int maximum) => notifications.PublishUpdateAsync(resource, resource.Name, snapshot => snapshot with
    {
        ResourceType = ResourceTypes.Of(resource, snapshot.ResourceType),
        CreationTimeStamp = snapshot.CreationTimeStamp ?? Now(),
        State = snapshot.State ?? KnownResourceStates.NotStarted,
        Properties = snapshot.Properties
            .SetProperties(ProjectProperties.Of(resource))
            .SetProperty(KnownPropertyNames.Replicas, replicas)
            .SetProperty(KnownPropertyNames.MaximumReplicas, maximum),
    });

    /// <summary>Shows the group's state; calls come one at a time.</summary>
    public async Task RefreshAsync(GroupState state)
    {
        if (state == _shown)
        {
            return;
        }

        var previous = _shown?.State;
        _shown = state;
        Log.Changed(_log, state.State, state.Serving, state.Total);
        await notifications.PublishUpdateAsync(resource, resource.Name, snapshot => snapshot with
        {
            State = state.State,
            StartTimeStamp = Started(previous, state.State) ? Now() : snapshot.StartTimeStamp,
            StopTimeStamp = Stopped(previous, state.State) ? Now() : state.State == KnownResourceStates.Running ? null : snapshot.StopTimeStamp,
            HealthReports = [state.Report(Now())],
            Properties = snapshot.Properties.SetProperty(KnownPropertyNames.Replicas, state.Total),
            ResourceReady = state.State == KnownResourceStates.Running ? snapshot.ResourceReady : null,
        }).ConfigureAwait(false);
    }

    public Task ShowReadyAsync(Task ready) =>
        notifications.PublishUpdateAsync(resource, resource.Name, snapshot => snapshot with { ResourceReady = ready });

    private static bool Started(string? previous, string current) => current == KnownResourceStates.Running && previous != current;

    private static bool Stopped(string? previous, string current) => KnownResourceStates.TerminalStates.Contains(current) && previous != current;

    private DateTime Now() => time.GetUtcNow().UtcDateTime;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{State}: {Serving} of {Total} replicas serve.")]
        public static partial void Changed(ILogger logger, string state, int serving, int total);
    }
}
