using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Cli;

/// <summary>The CLI that started this AppHost, as it described itself.</summary>
/// <param name="Id">Its process id.</param>
/// <param name="StartedAt">When it started, to the second; null when it did not say.</param>
/// <param name="StableStartedAt">The same on a clock that is never set, in milliseconds; on Linux since the machine started.</param>
/// <param name="LogFile">Where it logs.</param>
internal sealed record LauncherProcess(int Id, DateTimeOffset? StartedAt, DateTimeOffset? StableStartedAt, string? LogFile)
{
    private const int MillisecondsPerSecond = 1000;
    private static readonly long LastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StableTolerance = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads what the CLI said; null when none started this AppHost.</summary>
    public static LauncherProcess? Read(IConfiguration configuration) =>
        Number(configuration[CliKeys.ProcessId]) is { } id and > 0 and <= int.MaxValue
            ? new LauncherProcess(
                (int)id,
                Time(configuration[CliKeys.Started], MillisecondsPerSecond),
                Time(configuration[CliKeys.StartedStable], unit: 1),
                configuration[CliKeys.LogFile])
            : null;

    /// <summary>Whether it still runs: a process of its id that started at another time is another one.</summary>
    public bool IsAlive()
    {
        if (!OperatingSystem.IsLinux())
        {
            return StartOf(Id) is { } start && IsClose(start, StableStartedAt ?? StartedAt, Tolerance);
        }

        return ProcessTable.Read(Id) is { IsAlive: true } status
            && (StableStartedAt is not null ? IsClose(StableStart(status.StartTicks), StableStartedAt, StableTolerance) : IsClose(StartOf(Id), StartedAt, Tolerance));
    }

    /// <summary>When a process started on Linux, as the CLI tells it: milliseconds since the machine started, written as a date.</summary>
    internal static DateTimeOffset StableStart(long startTicks) => DateTimeOffset.FromUnixTimeMilliseconds(startTicks * (MillisecondsPerSecond / ProcessTable.TicksPerSecond));

    /// <summary>When a process started, by the clock; null when there is none.</summary>
    internal static DateTimeOffset? StartOf(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.StartTime;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static bool IsClose(DateTimeOffset? actual, DateTimeOffset? told, TimeSpan tolerance) =>
        told is not { } expected || (actual is { } start && (start - expected).Duration() <= tolerance);

    private static DateTimeOffset? Time(string? text, int unit) =>
        Number(text) is { } number && number <= LastSecond ? DateTimeOffset.FromUnixTimeMilliseconds(number * unit) : null;

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
