using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Commands;

/// <summary>
/// Adds <c>scale-up</c> and <c>scale-down</c> to the group's row of a resource that may have more replicas than it starts with
/// (<c>replicas.max</c> in its initial snapshot). They are gunicorn's signals TTIN and TTOU.
/// </summary>
internal static class ScaleCommands
{
    public const string ScaleUp = "scale-up";
    public const string ScaleDown = "scale-down";

    public static void AddTo(IResource resource, IScalable scalable)
    {
        var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas;
        if (replicas is null || scalable.MaximumReplicas <= replicas)
        {
            return;
        }

        Add(resource, ScaleUp, "Scale up", "Start one more replica", "AddCircle", cancellationToken => scalable.ScaleAsync(1, cancellationToken));
        Add(resource, ScaleDown, "Scale down", "Let the last replica finish its work and stop it", "SubtractCircle", cancellationToken => scalable.ScaleAsync(-1, cancellationToken));
    }

    private static void Add(IResource resource, string name, string displayName, string description, string icon, Func<CancellationToken, Task<string>> scale) =>
        resource.Annotations.Add(new ResourceCommandAnnotation(
            name,
            displayName,
            context => State(context.ResourceSnapshot),
            async context =>
            {
                try
                {
                    return new ExecuteCommandResult { Success = true, Message = $"{await scale(context.CancellationToken).ConfigureAwait(false)}." };
                }
                catch (DistributedApplicationException exception)
                {
                    return CommandResults.Failure(exception.Message);
                }
            },
            description,
            arguments: null,
            confirmationMessage: null,
            icon,
            IconVariant.Regular,
            isHighlighted: false));

    /// <summary>Only the group's row says how many replicas there are. At the limit the command is there all the same, to say so.</summary>
    private static ResourceCommandState State(CustomResourceSnapshot snapshot) =>
        snapshot.Properties.GetNumber(KnownPropertyNames.Replicas) is null ? ResourceCommandState.Hidden : ResourceCommandState.Enabled;
}
