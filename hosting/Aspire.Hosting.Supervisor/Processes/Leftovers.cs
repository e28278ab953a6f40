using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>
/// Finds and ends the child processes that a process leaves running, as a control group of systemd does. They are known by a mark in the
/// environment, which children inherit and which is different for each run.
/// </summary>
internal static class Leftovers
{
    private const string Variable = "SUPERVISOR_PROCESS";

    /// <summary>A template that the orchestrator expands to the index of a replica.</summary>
    /// <remarks>The replicas of a project with <c>WithReplicas</c> share the environment of their first start.</remarks>
    private const string ReplicaIndex = """-{{- index .Annotations "resource-replica-index" -}}""";

    /// <summary>The time between SIGTERM and SIGKILL.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Gives each process of a resource its own mark: Aspire calls back for the environment at every start.</summary>
    public static void Mark(IResource resource) => resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
    {
        var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas;
        var hasReplicas = resource is ProjectResource && replicas > 1;
        context.EnvironmentVariables[Variable] = $"{Guid.NewGuid():N}{(hasReplicas ? ReplicaIndex : "")}";
    }));

    /// <summary>The mark that a process carries, or null.</summary>
    public static string? MarkOf(int process) =>
        OperatingSystem.IsLinux() ? ProcessEnvironment.VariableOf(process, Variable) : null;

    /// <summary>Ends the processes with a mark: SIGTERM, and SIGKILL after a grace period.</summary>
    [SupportedOSPlatform("linux")]
    public static async Task EndAsync(string mark)
    {
        var left = Find(mark);
        foreach (var process in left)
        {
            _ = NativeMethods.Signal(process, Signals.Terminate);
        }

        Task ends = Task.WhenAll(left.Select(ProcessExit.WaitAsync));
        await ends.WaitAsync(Grace).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (left.Length > 0)
        {
            Kill(mark);
        }
    }

    /// <summary>Kills the processes with a mark.</summary>
    [SupportedOSPlatform("linux")]
    public static void Kill(string mark)
    {
        foreach (var process in Find(mark))
        {
            _ = NativeMethods.Signal(process, Signals.Kill);
        }
    }

    [SupportedOSPlatform("linux")]
    private static int[] Find(string mark) => [.. ProcessIds.All().Where(process => ProcessEnvironment.Has(process, mark) == true)];
}
