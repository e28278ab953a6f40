using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

#pragma warning disable ASPIREINTERACTION001 // Arguments of commands are experimental for those who declare them.

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>The commands of a group, for all of its replicas.</summary>
internal static class GroupCommands
{
    public const string Scale = "scale";
    public const string ScaleUp = "scale-up";
    public const string ScaleDown = "scale-down";

    private const string CountArgument = "count";

    public static void AddTo(IResourceBuilder<ReplicaGroupResource> group)
    {
        Add(group, KnownResourceCommands.StartCommand, "Start", "Start the replicas that serve.", "Play", highlighted: true, IsDown, (pool, _) => pool.StartAllAsync());
        Add(
            group, KnownResourceCommands.StopCommand, "Stop", "Stop all replicas at once.", "Stop", highlighted: true, IsUp, (pool, _) => pool.StopAllAsync(),
            confirmation: $"Stop all replicas of {group.Resource.Name}? Nothing answers until they are started again.");
        Add(
            group, KnownResourceCommands.RestartCommand, "Restart", "Replace one replica after another; the next goes only when the one before serves.",
            "ArrowCounterclockwise", highlighted: false, IsUp, (pool, _) => pool.ReloadAsync());
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
            resource, SupervisorService.ReloadCommand, "Reload", "Replace one replica after another; the next goes only when the one before serves.",
            "ArrowSync", highlighted: false, IsUp, (pool, _) => pool.ReloadAsync());

    private static void AddScaling(IResourceBuilder<ReplicaGroupResource> group)
    {
        var max = group.Resource.Max;
        var range = $"a whole number from 1 to {max}";
        Add(
            group, Scale, "Scale", $"Run another number of replicas: {range}.", "ArrowAutofitHeight", highlighted: false, static _ => true,
            (pool, context) => context.Arguments.TryGetByName(CountArgument, out var input)
                && int.TryParse(input.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= max
                    ? pool.ScaleAsync(_ => count)
                    : Task.FromResult(CommandResults.Failure($"{CountArgument} must be {range}.")),
            arguments: [new InteractionInput { Name = CountArgument, Label = "Replicas", InputType = InputType.Number, Required = true, Description = $"From 1 to {max}" }]);
        Add(group, ScaleUp, "Scale up", "Run one replica more.", "Add", highlighted: false, IsUp, (pool, _) => pool.ScaleAsync(count => count + 1));
        Add(group, ScaleDown, "Scale down", "Run one replica less.", "Subtract", highlighted: false, IsUp, (pool, _) => pool.ScaleAsync(count => count - 1));
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
            context => execute(context.Services.GetRequiredService<SupervisorService>().Of(model), context).WaitAsync(context.CancellationToken),
            new CommandOptions
            {
                Description = description,
                IconName = icon,
                IsHighlighted = highlighted,
                ConfirmationMessage = confirmation,
                Arguments = arguments ?? [],
                UpdateState = context => isEnabled(context.ResourceSnapshot.State?.Text) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
            });
    }

    private static bool IsUp(string? state) =>
        state == KnownResourceStates.Running || state == KnownResourceStates.Starting || state is SupervisorStates.Backoff or SupervisorStates.Fatal;

    private static bool IsDown(string? state) => state != KnownResourceStates.Running;
}
