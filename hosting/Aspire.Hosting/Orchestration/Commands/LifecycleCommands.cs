using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Commands;

/// <summary>Adds Aspire's <c>start</c>, <c>stop</c> and <c>restart</c> to a resource that runs as processes.</summary>
internal static class LifecycleCommands
{
    private const string Unknown = "Unknown";

    public static void AddTo(IResource resource, ILifecycle lifecycle)
    {
        Add(resource, new(KnownResourceCommands.StartCommand, "Start", "Start the resource", "Play", IconVariant.Filled, IsHighlighted: true), StartState, lifecycle.StartAsync);
        Add(resource, new(KnownResourceCommands.StopCommand, "Stop", "Stop the resource", "Stop", IconVariant.Filled, IsHighlighted: true), StopState, lifecycle.StopAsync);
        Add(resource, new(KnownResourceCommands.RestartCommand, "Restart", "Restart the resource", "ArrowCounterclockwise", IconVariant.Regular, IsHighlighted: false), RestartState, lifecycle.RestartAsync);
    }

    private static ResourceCommandState StartState(CustomResourceSnapshot snapshot)
    {
        var state = snapshot.State?.Text;
        if (string.IsNullOrEmpty(state) || IsBusyStarting(state))
        {
            return ResourceCommandState.Disabled;
        }

        return IsStopped(state) || state == KnownResourceStates.Waiting || IsForeignEnd(snapshot) ? ResourceCommandState.Enabled : ResourceCommandState.Hidden;
    }

    private static ResourceCommandState StopState(CustomResourceSnapshot snapshot)
    {
        if (snapshot.State?.Text == KnownResourceStates.Stopping)
        {
            return ResourceCommandState.Disabled;
        }

        return IsRunningLike(snapshot.State?.Text) ? ResourceCommandState.Enabled : ResourceCommandState.Hidden;
    }

    private static ResourceCommandState RestartState(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text != KnownResourceStates.Stopping && IsRunningLike(snapshot.State?.Text) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;

    /// <summary>
    /// Whether somebody else has given the end of a process a name of their own, such as a supervisor that waits before the next
    /// try. It can be started, restarted, and stopped for good.
    /// </summary>
    private static bool IsForeignEnd(CustomResourceSnapshot snapshot) =>
        snapshot.State is { Text: var state }
        && IsRunningLike(state)
        && state != KnownResourceStates.Running
        && state != KnownResourceStates.Stopping
        && snapshot.Properties.Any(p => p.Name == KnownPropertyNames.ExecutableEndedBy);

    private static bool IsRunningLike(string? state) =>
        !string.IsNullOrEmpty(state) && !IsStopped(state) && !IsBusyStarting(state) && state != KnownResourceStates.Waiting;

    private static bool IsStopped(string state) =>
        KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.NotStarted || state == Unknown;

    private static bool IsBusyStarting(string state) =>
        state == KnownResourceStates.Starting || state == KnownResourceStates.Building || state == KnownResourceStates.RuntimeUnhealthy;

    private static void Add(IResource resource, Appearance appearance, Func<CustomResourceSnapshot, ResourceCommandState> state, Func<string, CancellationToken, Task> execute) =>
        resource.Annotations.Add(new ResourceCommandAnnotation(
            appearance.Name,
            appearance.DisplayName,
            context => state(context.ResourceSnapshot),
            async context =>
            {
                await execute(context.ResourceName, context.CancellationToken).ConfigureAwait(false);
                return CommandResults.Success();
            },
            appearance.Description,
            arguments: null,
            confirmationMessage: null,
            appearance.IconName,
            appearance.IconVariant,
            appearance.IsHighlighted));

    private sealed record Appearance(string Name, string DisplayName, string Description, string IconName, IconVariant IconVariant, bool IsHighlighted);
}
