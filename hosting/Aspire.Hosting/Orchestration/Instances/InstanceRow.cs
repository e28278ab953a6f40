using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>How an instance is shown: every change of its life as a change of its snapshot.</summary>
internal sealed class InstanceRow(IResource resource, IReadOnlyList<InstanceEndpoint> endpoints, bool isReplica, TimeProvider time)
{
    private const string EndedByStop = "stop";
    private const string EndedByItself = "exit";

    /// <summary>The row before anything happened.</summary>
    /// <param name="hidden">Whether it is a spare, which nobody sees until it is used.</param>
    public Func<CustomResourceSnapshot, CustomResourceSnapshot> Initial(bool hidden) => snapshot => snapshot with
    {
        IsHidden = hidden || snapshot.IsHidden,
        ResourceType = ResourceTypes.Of(resource, snapshot.ResourceType),
        CreationTimeStamp = snapshot.CreationTimeStamp ?? Now(),
        State = snapshot.State ?? KnownResourceStates.NotStarted,
        Properties = snapshot.Properties.SetProperties(InitialProperties()),
        Relationships = isReplica
            ? [.. snapshot.Relationships.IsDefault ? [] : snapshot.Relationships, new RelationshipSnapshot(resource.Name, KnownRelationshipTypes.Parent)]
            : snapshot.Relationships,
    };

    /// <summary>The addresses, known but not yet served.</summary>
    public Func<CustomResourceSnapshot, CustomResourceSnapshot> Addresses(ImmutableArray<UrlSnapshot> urls) => snapshot => snapshot with
    {
        Urls = urls,
        Properties = snapshot.Properties.SetProperties(endpoints
            .Where(e => e.UnixSocket is not null)
            .Select(e => new ResourcePropertySnapshot(KnownPropertyNames.EndpointUnixSocket(e.Annotation.Name), e.UnixSocket))),
    };

    /// <summary>Hides an instance that is a spare, or shows one that is no longer.</summary>
    public static Func<CustomResourceSnapshot, CustomResourceSnapshot> Hide(bool hidden) => snapshot => snapshot with { IsHidden = hidden };

    public static Func<CustomResourceSnapshot, CustomResourceSnapshot> Show(string state, ImmutableArray<HealthReportSnapshot> initialHealth) => snapshot => snapshot with
    {
        State = state,
        ExitCode = null,
        StartTimeStamp = null,
        StopTimeStamp = null,
        HealthReports = initialHealth,
        Properties = snapshot.Properties.RemoveProperty(KnownPropertyNames.ExecutableEndedBy),
        ResourceReady = null,
        Urls = Activate(snapshot.Urls, false),
    };

    public static Func<CustomResourceSnapshot, CustomResourceSnapshot> Running(InstanceLaunch launch, ChildProcess process, ImmutableArray<HealthReportSnapshot> initialHealth) => snapshot => snapshot with
    {
        State = KnownResourceStates.Running,
        ExitCode = null,
        StartTimeStamp = process.StartTime,
        StopTimeStamp = null,
        HealthReports = initialHealth,
        EnvironmentVariables = launch.EnvironmentSnapshot,
        Properties = snapshot.Properties.RemoveProperty(KnownPropertyNames.ExecutableEndedBy).SetProperties(ProcessProperties(launch, process)),
        Urls = Activate(snapshot.Urls, true),
    };

    public Func<CustomResourceSnapshot, CustomResourceSnapshot> Health(ImmutableArray<HealthReportSnapshot> reports) => snapshot => snapshot with
    {
        HealthReports = reports,
        // A replica is ready with its first good report; the group's row waits for the ready event's subscribers.
        ResourceReady = snapshot.ResourceReady ?? (isReplica && reports.All(r => r.Status == HealthStatus.Healthy) ? Task.CompletedTask : null),
    };

    public static Func<CustomResourceSnapshot, CustomResourceSnapshot> Ready(Task ready) => snapshot => snapshot with { ResourceReady = ready };

    public static Func<CustomResourceSnapshot, CustomResourceSnapshot> Stopping() => snapshot => snapshot with { State = KnownResourceStates.Stopping };

    /// <summary>The end, and whether somebody asked for it.</summary>
    public Func<CustomResourceSnapshot, CustomResourceSnapshot> Ended(string state, ProcessExit? exit, bool asked) => snapshot => snapshot with
    {
        State = state,
        ExitCode = exit?.Code,
        StopTimeStamp = Now(),
        HealthReports = [.. snapshot.HealthReports.Select(r => r with { Status = null, Description = null, ExceptionText = null })],
        Properties = snapshot.Properties
            .RemoveProperty(KnownPropertyNames.ExecutableProcessId)
            .SetProperty(KnownPropertyNames.ExecutableEndedBy, asked ? EndedByStop : EndedByItself),
        ResourceReady = null,
        Urls = Activate(snapshot.Urls, false),
    };

    /// <summary>An end that was shown as something else, such as a wait for the next try, and is now meant to last.</summary>
    public static Func<CustomResourceSnapshot, CustomResourceSnapshot> Settled(string state) => snapshot => snapshot with
    {
        State = state,
        Properties = snapshot.Properties.SetProperty(KnownPropertyNames.ExecutableEndedBy, EndedByStop),
    };

    private IEnumerable<ResourcePropertySnapshot> InitialProperties()
    {
        if (isReplica)
        {
            yield return new(KnownPropertyNames.ParentName, resource.Name);
        }

        foreach (var property in ProjectProperties.Of(resource))
        {
            yield return property;
        }
    }

    private static IEnumerable<ResourcePropertySnapshot> ProcessProperties(InstanceLaunch launch, ChildProcess process) =>
    [
        new(KnownPropertyNames.ExecutablePath, launch.Process.FileName),
        new(KnownPropertyNames.ExecutableWorkingDirectory, launch.Process.WorkingDirectory),
        new(KnownPropertyNames.ExecutableArguments, launch.Process.Arguments.ToImmutableArray()) { IsSensitive = true },
        new(KnownPropertyNames.ExecutableProcessId, process.Id),
        new(KnownPropertyNames.AppArguments, launch.AppArguments.Select(a => a.Value).ToImmutableArray()) { IsSensitive = launch.AppArguments.Any(a => a.IsSensitive) },
        new(KnownPropertyNames.AppArgumentsSensitivity, launch.AppArguments.Select(a => a.IsSensitive ? 1 : 0).ToImmutableArray()),
    ];

    private static ImmutableArray<UrlSnapshot> Activate(ImmutableArray<UrlSnapshot> urls, bool active) =>
        urls.IsDefault ? [] : [.. urls.Select(u => u.Name is null ? u : u with { IsInactive = !active })];

    private DateTime Now() => time.GetUtcNow().UtcDateTime;
}
