using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Machine;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>The commands of a group, which act on all of its replicas.</summary>
internal static class GroupCommands
{
    public const string Scale = "scale";
    public const string ScaleUp = "scale-up";
    public const string ScaleDown = "scale-down";

    private const string CountArgument = "count";
    private const string ReloadDescription = "Replace one replica after another; the next goes only when the one before serves.";

    public static void AddTo(IResourceBuilder<ReplicaGroupResource> group)
    {
        Add(
            group, KnownResourceCommands.StartCommand, "Start", "Start the replicas that serve.", "Play", highlighted: true, IsDown,
            (pool, _) => pool.StartAllAsync());
        Add(
            group, KnownResourceCommands.StopCommand, "Stop", "Stop all replicas at once.", "Stop", highlighted: true, IsUp,
            (pool, _) => pool.StopAllAsync(),
            confirmation: $"Stop all replicas of {group.Resource.Name}? Nothing answers until they are started again.");
        Add(
            group, KnownResourceCommands.RestartCommand, "Restart", ReloadDescription, "ArrowCounterclockwise", highlighted: false, IsUp,
            (pool, _) => pool.ReloadAsync());
        AddReload(group);
        if (group.Resource.Max > 1)
        {
            AddScaling(group);
        }
    }

    /// <summary>Adds the command <c>reload</c> to a group or to a supervised resource.</summary>
    public static void AddReload<T>(IResourceBuilder<T> resource)
        where T : IResource =>
        Add(
            resource, SupervisorService.ReloadCommand, "Reload", ReloadDescription, "ArrowSync", highlighted: false, IsUp,
            (pool, _) => pool.ReloadAsync());

    private static void AddScaling(IResourceBuilder<ReplicaGroupResource> group)
    {
        var max = group.Resource.Max;
        var range = $"a whole number from 1 to {max}";
        var argument = new InteractionInput
        {
            Name = CountArgument,
            Label = "Replicas",
            InputType = InputType.Number,
            Required = true,
            Description = $"From 1 to {max}",
        };
        Add(
            group, Scale, "Scale", $"Run another number of replicas: {range}.", "ArrowAutofitHeight", highlighted: false, static _ => true,
            (pool, context) => context.Arguments.TryGetByName(CountArgument, out var input)
                && int.TryParse(input.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= max
                    ? pool.ScaleAsync(_ => count)
                    : Task.FromResult(CommandResults.Failure($"{CountArgument} must be {range}.")),
            arguments: [argument]);
        Add(
            group, ScaleUp, "Scale up", "Run one replica more.", "Add", highlighted: false, IsUp,
            (pool, _) => pool.ScaleAsync(count => count + 1));
        Add(
            group, ScaleDown, "Scale down", "Run one replica less.", "Subtract", highlighted: false, IsUp,
            (pool, _) => pool.ScaleAsync(count => count - 1));
    }

    private static void Add<T>(
        IResourceBuilder<T> resource,
        string name,
        string displayName,
        string description,
        string icon,
        bool highlighted,
        Func<string?, bool> isEnabled,
        Func<SupervisedResource, ExecuteCommandContext, Task<ExecuteCommandResult>> execute,
        string? confirmation = null,
        IReadOnlyList<InteractionInput>? arguments = null)
        where T : IResource
    {
        var model = resource.Resource;
        resource.WithCommand(
            name,
            displayName,
            context =>
            {
                var supervised = context.Services.GetRequiredService<SupervisorService>().Of(model);
                return execute(supervised, context).WaitAsync(context.CancellationToken);
            },
            new CommandOptions
            {
                Description = description,
                IconName = icon,
                IsHighlighted = highlighted,
                ConfirmationMessage = confirmation,
                Arguments = arguments ?? [],
                UpdateState = context =>
                    isEnabled(context.ResourceSnapshot.State?.Text) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
            });
    }

    private static bool IsUp(string? state) => !IsOver(state) && state != KnownResourceStates.NotStarted;

    /// <summary>Whether replicas are missing: start starts only those.</summary>
    private static bool IsDown(string? state) => state != KnownResourceStates.Running && state != KnownResourceStates.Starting;

    private static bool IsOver(string? state) =>
        state is null || state == KnownResourceStates.Stopping || KnownResourceStates.TerminalStates.Contains(state);
}

/// <summary>The status of a group, as its snapshot shows it.</summary>
/// <param name="State">The state.</param>
/// <param name="Style">The style of the state, or null.</param>
/// <param name="Healthy">The number of healthy replicas.</param>
/// <param name="Wanted">The number of replicas that are meant to serve.</param>
/// <param name="Restarts">The restarts of all replicas together.</param>
/// <param name="StartedAt">When the oldest running replica started, or null.</param>
/// <param name="ServingSince">Since when at least one replica has served without a gap, or null.</param>
/// <param name="LastRestart">The replica that was restarted last, and why; null without a restart.</param>
internal sealed record GroupStatus(
    string State,
    string? Style,
    int Healthy,
    int Wanted,
    int Restarts,
    DateTimeOffset? StartedAt,
    DateTimeOffset? ServingSince = null,
    string? LastRestart = null)
{
    private const string ResourceType = "ReplicaGroup";

    private string Summary => string.Create(CultureInfo.InvariantCulture, $"{Healthy} of {Wanted}");

    /// <summary>The snapshot before anything has started.</summary>
    public static CustomResourceSnapshot Initial(ReplicaGroupResource group) => new()
    {
        ResourceType = ResourceType,
        State = KnownResourceStates.Starting,
        CreationTimeStamp = DateTime.UtcNow,
        Properties = [new(PropertyNames.Replicas, string.Create(CultureInfo.InvariantCulture, $"0 of {group.Count}"))],
    };

    /// <summary>The status of a group with these replicas.</summary>
    /// <param name="states">The states of the replicas seen so far.</param>
    /// <param name="expected">How many replicas start with the application; those not seen yet count as starting.</param>
    /// <param name="hasServed">Whether all of them have served at the same time before.</param>
    public static GroupStatus Of(IReadOnlyCollection<InstanceState> states, int expected, bool hasServed)
    {
        var begun = states.Count(state => state.Phase != InstancePhase.Idle);
        var pending = Math.Max(0, expected - begun);
        var healthy = states.Count(state => state.IsServing);
        var wanted = states.Count(state => state.IsReloaded) + pending;
        var (name, style) = StateOf(states, healthy, wanted, hasServed);
        return new(
            name,
            style,
            healthy,
            wanted,
            states.Sum(state => state.Restarts),
            states.Where(state => state.Phase == InstancePhase.Running).Min(state => state.StartedAt));
    }

    /// <summary>A snapshot with this status.</summary>
    public CustomResourceSnapshot ApplyTo(CustomResourceSnapshot snapshot) => snapshot.With(
        (PropertyNames.Replicas, Summary),
        (PropertyNames.RunningSince, ServingSince is { } since ? InstanceDisplay.Text(since) : null),
        (PropertyNames.Restarts, Restarts),
        (PropertyNames.Reason, LastRestart)) with
    {
        State = new ResourceStateSnapshot(State, Style),
        StartTimeStamp = StartedAt?.UtcDateTime,
    };

    /// <remarks><c>WaitFor</c> waits for the state Running: all replicas that are meant to serve are healthy.</remarks>
    private static (string Name, string? Style) StateOf(IReadOnlyCollection<InstanceState> states, int healthy, int wanted, bool hasServed)
    {
        bool Any(params InstancePhase[] phases) => states.Any(state => phases.Contains(state.Phase));

        if (wanted == 0)
        {
            return (Any(InstancePhase.Stopping) ? KnownResourceStates.Stopping : KnownResourceStates.Exited, null);
        }

        if (healthy == wanted)
        {
            return (KnownResourceStates.Running, KnownResourceStateStyles.Success);
        }

        if (healthy > 0 && hasServed)
        {
            return (SupervisorStates.Degraded, KnownResourceStateStyles.Warn);
        }

        var isFirstStart = !hasServed && !Any(InstancePhase.Backoff, InstancePhase.Fatal);
        return Any(InstancePhase.Starting, InstancePhase.Restarting) || isFirstStart ? (KnownResourceStates.Starting, null)
            : Any(InstancePhase.Running) ? (SupervisorStates.Unhealthy, KnownResourceStateStyles.Error)
            : Any(InstancePhase.Backoff) ? (SupervisorStates.Backoff, KnownResourceStateStyles.Warn)
            : (SupervisorStates.Fatal, KnownResourceStateStyles.Error);
    }
}
