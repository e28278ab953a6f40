using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Completes what publishers say of a resource with what follows from its annotations.</summary>
internal sealed class ResourceSnapshots(IServiceProvider serviceProvider, TimeProvider timeProvider, ILogger logger)
{
    private const string UnknownResourceType = "Unknown";

    /// <summary>Makes the snapshot that the first update of a row starts from.</summary>
    public CustomResourceSnapshot CreateInitial(IResource resource)
    {
        var given = resource.Annotations.OfType<ResourceSnapshotAnnotation>().LastOrDefault()?.InitialSnapshot
            ?? new CustomResourceSnapshot { ResourceType = UnknownResourceType, Properties = [] };
        return given with { CreationTimeStamp = given.CreationTimeStamp ?? UtcNow() };
    }

    /// <summary>Completes an update.</summary>
    public CustomResourceSnapshot Complete(IResource resource, string id, CustomResourceSnapshot previous, CustomResourceSnapshot next)
    {
        var icon = resource.Annotations.OfType<ResourceIconAnnotation>().LastOrDefault();
        var completed = Stamp(previous, next) with
        {
            IsHidden = next.IsHidden || resource.HasAnnotationOfType<HiddenAnnotation>(),
            IconName = next.IconName ?? icon?.IconName,
            IconVariant = next.IconVariant ?? icon?.IconVariant,
            CreationTimeStamp = next.CreationTimeStamp ?? previous.CreationTimeStamp,
            Relationships = Relate(resource, next.Relationships),
            Properties = Nest(resource, next.Properties),
        };

        if (!completed.State.Is(KnownResourceStates.Waiting))
        {
            completed = completed with { Properties = completed.Properties.RemoveProperty(KnownPropertyNames.WaitingFor) };
        }

        return completed with { Commands = DescribeCommands(resource, id, completed) };
    }

    /// <summary>Says whether two snapshots say the same.</summary>
    public static bool AreSame(CustomResourceSnapshot left, CustomResourceSnapshot right)
        => left.Properties.SequenceEqual(right.Properties)
            && left.HealthReports.SequenceEqual(right.HealthReports)
            && left.EnvironmentVariables.SequenceEqual(right.EnvironmentVariables)
            && left.Urls.SequenceEqual(right.Urls)
            && left.Volumes.SequenceEqual(right.Volumes)
            && left.Relationships.SequenceEqual(right.Relationships)
            && left.Commands.SequenceEqual(right.Commands)
            && left == (right with
            {
                Properties = left.Properties,
                HealthReports = left.HealthReports,
                EnvironmentVariables = left.EnvironmentVariables,
                Urls = left.Urls,
                Volumes = left.Volumes,
                Relationships = left.Relationships,
                Commands = left.Commands,
            });

    /// <summary>Notes when the resource started and stopped where the publisher did not.</summary>
    private CustomResourceSnapshot Stamp(CustomResourceSnapshot previous, CustomResourceSnapshot next)
    {
        if (previous.State?.Text == next.State?.Text)
        {
            return next;
        }

        if (next.State.Is(KnownResourceStates.Running) && next.StartTimeStamp is null)
        {
            return next with { StartTimeStamp = UtcNow() };
        }

        return next.State.IsTerminal() && next.StopTimeStamp is null ? next with { StopTimeStamp = UtcNow() } : next;
    }

    private static ImmutableArray<RelationshipSnapshot> Relate(IResource resource, ImmutableArray<RelationshipSnapshot> given)
    {
        var annotated = resource.Annotations.Select(static annotation => annotation switch
        {
            ResourceRelationshipAnnotation relationship => new RelationshipSnapshot(relationship.Resource.Name, relationship.Type),
            WaitAnnotation wait => new RelationshipSnapshot(wait.Resource.Name, KnownRelationshipTypes.WaitFor),
            _ => null,
        }).OfType<RelationshipSnapshot>();
        var parent = (resource as IResourceWithParent)?.Parent is { } owner ? [new RelationshipSnapshot(owner.Name, KnownRelationshipTypes.Parent)] : Array.Empty<RelationshipSnapshot>();
        return [.. given.Concat(parent).Concat(annotated).Distinct()];
    }

    /// <summary>Names the row beneath which the resource is shown: that of its parent, which is the group's where there are several.</summary>
    private static ImmutableArray<ResourcePropertySnapshot> Nest(IResource resource, ImmutableArray<ResourcePropertySnapshot> given)
    {
        if (ParentOf(resource) is not { } parent || given.Any(static property => property.Name == KnownPropertyNames.ParentName))
        {
            return given;
        }

        var rows = parent.Annotations.OfType<ResourceInstancesAnnotation>().LastOrDefault()?.Ids ?? [];
        return given.SetProperty(KnownPropertyNames.ParentName, rows.IsEmpty ? parent.Name : rows[0]);
    }

    private static IResource? ParentOf(IResource resource)
        => (resource as IResourceWithParent)?.Parent
            ?? resource.Annotations.OfType<ResourceRelationshipAnnotation>().LastOrDefault(static relationship => relationship.Type == KnownRelationshipTypes.Parent)?.Resource;

    private ImmutableArray<ResourceCommandSnapshot> DescribeCommands(IResource resource, string id, CustomResourceSnapshot snapshot)
    {
        var context = new UpdateCommandStateContext { ResourceSnapshot = snapshot, ServiceProvider = serviceProvider };
        return [.. resource.Annotations.OfType<ResourceCommandAnnotation>().Select(command => Describe(command, GetState(command, id, context)))];
    }

    private static ResourceCommandSnapshot Describe(ResourceCommandAnnotation command, ResourceCommandState state)
        => new(command.Name, state, command.DisplayName, command.DisplayDescription, command.InvocationParameter, command.ConfirmationMessage, command.IconName, command.IconVariant, command.IsHighlighted)
        {
            Arguments = command.Arguments,
            Visibility = command.Visibility,
        };

    private ResourceCommandState GetState(ResourceCommandAnnotation command, string id, UpdateCommandStateContext context)
    {
        try
        {
            return command.UpdateState(context);
        }
        catch (Exception exception)
        {
            // A broken callback must not keep the resource's own state from being known.
            ResourceNotificationLog.CommandStateFailed(logger, command.Name, id, exception);
            return ResourceCommandState.Disabled;
        }
    }

    private DateTime UtcNow() => timeProvider.GetUtcNow().UtcDateTime;
}
