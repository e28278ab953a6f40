using System.Runtime.Versioning;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Gives the processes that are started their scheduling policy, which all their threads and children inherit.</summary>
/// <remarks>
/// <para>Configuration key <c>AppHost:SchedulingPolicy</c>; <c>batch</c>, the default, or <c>other</c> (systemd's
/// <c>CPUSchedulingPolicy</c>). Linux only; where the AppHost itself runs under another policy than SCHED_OTHER, that one stays.</para>
/// <para>A proxy and several replicas on few processors wake each other with every request. By default Linux lets the woken one
/// interrupt the other, so that each request costs two changes of process; as batch work, each finishes what waits for it first.</para>
/// </remarks>
internal sealed class ChildScheduling(SchedulingPolicy policy)
{
    /// <summary>The configuration key.</summary>
    public const string Key = "AppHost:SchedulingPolicy";

    /// <exception cref="DistributedApplicationException">The configured value is no known policy.</exception>
    public ChildScheduling(IConfiguration configuration)
        : this(Read(configuration[Key]))
    {
    }

    /// <summary>Starts something while this thread has the policy, for it is the thread's own that a new process inherits.</summary>
    /// <typeparam name="T">What starting gives.</typeparam>
    /// <param name="start">Starts it, on the calling thread.</param>
    public T Run<T>(Func<T> start)
    {
        if (policy == SchedulingPolicy.Other || !OperatingSystem.IsLinux() || NativeMethods.GetScheduler(0) != (int)SchedulingPolicy.Other)
        {
            return start();
        }

        return RunAs(policy, start);
    }

    [SupportedOSPlatform("linux")]
    private static T RunAs<T>(SchedulingPolicy policy, Func<T> start)
    {
        // A refusal (a sandbox may forbid it) costs speed only.
        _ = Set(policy);
        try
        {
            return start();
        }
        finally
        {
            _ = Set(SchedulingPolicy.Other);
        }
    }

    [SupportedOSPlatform("linux")]
    private static int Set(SchedulingPolicy policy) => NativeMethods.SetScheduler(0, (int)policy, 0);

    private static SchedulingPolicy Read(string? text) => text?.Trim().ToUpperInvariant() switch
    {
        null or "" or "BATCH" => SchedulingPolicy.Batch,
        "OTHER" => SchedulingPolicy.Other,
        _ => throw new DistributedApplicationException($"{Key} is '{text}'; it must be 'batch' or 'other'."),
    };
}
