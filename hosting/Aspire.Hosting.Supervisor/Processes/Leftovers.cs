using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>
/// What a process leaves running when it ends, in sessions of its own too, as in a control group of systemd. It is known by a mark in the
/// environment, which children inherit and which no other run has.
/// </summary>
internal static class Leftovers
{
    private const string Variable = "SUPERVISOR_PROCESS";

    /// <summary>Expanded by the orchestrator: the replicas of a project with <c>WithReplicas</c> share the environment of their first start.</summary>
    private const string ReplicaIndex = """-{{- index .Annotations "resource-replica-index" -}}""";

    /// <summary>What does not end within this time after SIGTERM is killed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Has each process of a resource carry a mark of its own: Aspire asks for the environment at every start.</summary>
    public static void Mark(IResource resource) => resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
    {
        var hasReplicas = resource is ProjectResource && resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault() is { Replicas: > 1 };
        context.EnvironmentVariables[Variable] = $"{Guid.NewGuid():N}{(hasReplicas ? ReplicaIndex : "")}";
    }));

    /// <summary>The mark that a process carries, or null.</summary>
    public static string? MarkOf(int process)
    {
        foreach (var variable in Encoding.UTF8.GetString(EnvironmentOf(process)).Split('\0'))
        {
            if (variable.StartsWith($"{Variable}=", StringComparison.Ordinal))
            {
                return variable;
            }
        }

        return null;
    }

    /// <summary>Ends what carries a mark.</summary>
    [SupportedOSPlatform("linux")]
    public static async Task EndAsync(string mark)
    {
        var left = Find(mark);
        foreach (var process in left)
        {
            _ = NativeMethods.Signal(process, NativeMethods.Terminate);
        }

        Task ends = Task.WhenAll(left.Select(ProcessExit.WaitAsync));
        await ends.WaitAsync(Grace).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (left.Length > 0)
        {
            Kill(mark);
        }
    }

    /// <summary>Ends what carries a mark by force.</summary>
    [SupportedOSPlatform("linux")]
    public static void Kill(string mark)
    {
        foreach (var process in Find(mark))
        {
            _ = NativeMethods.Signal(process, NativeMethods.Kill);
        }
    }

    [SupportedOSPlatform("linux")]
    private static int[] Find(string mark)
    {
        var text = Encoding.UTF8.GetBytes(mark);
        return [.. ProcessTable.Ids().Where(process => EnvironmentOf(process).AsSpan().IndexOf(text) >= 0)];
    }

    private static byte[] EnvironmentOf(int process)
    {
        try
        {
            return !OperatingSystem.IsLinux() ? [] : File.ReadAllBytes($"/proc/{process}/environ");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return [];
        }
    }
}
