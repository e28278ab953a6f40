using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Processes;

namespace Aspire.Hosting.Supervisor.Validation;

/// <summary>Finds every error in the options; each message names the option and the fix.</summary>
internal static class SupervisorOptionsValidator
{
    private static readonly SupervisorOptions Default = new();
    private static readonly TimeSpan Tenth = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public static IReadOnlyList<string> Validate(SupervisorOptions options) =>
    [
        .. Restarts(options),
        .. Backoff(options.Backoff),
        .. Stops(options),
        .. Limits(options),
        .. Availability(options),
    ];

    /// <summary>Finds the errors that depend on the number of replicas, known when the whole application is declared.</summary>
    public static IReadOnlyList<string> ValidateReplicas(SupervisorOptions options, int replicas) =>
    [
        .. options.MinAvailable >= Math.Max(1, replicas)
            ? [$"MinAvailable is {options.MinAvailable} of {replicas} replicas; it must be less, or none could be taken out of service."]
            : Array.Empty<string>(),
        .. options.MaxReplicas > 0 && options.MaxReplicas < replicas
            ? [$"MaxReplicas is {options.MaxReplicas}; it must be 0 (no scaling) or at least the {replicas} replicas there are."]
            : Array.Empty<string>(),
    ];

    /// <summary>Finds the options that a resource without a process of this machine, such as a container, cannot have.</summary>
    public static IEnumerable<string> ValidateWithoutProcess(SupervisorOptions options)
    {
        var hasWatchdog = options.Watchdog is { Enabled: true } && options.Watchdog != Default.Watchdog;
        return Errors(
            NeedsProcess("MemoryLimit", options.MemoryLimit is not null),
            NeedsProcess("StopSignal", options.StopSignal is not null),
            NeedsProcess("StopWaitSeconds", !options.StopWaitSeconds.Equals(Default.StopWaitSeconds)),
            NeedsProcess("Watchdog", hasWatchdog));
    }

    private static string? NeedsProcess(string option, bool isSet) =>
        isSet ? $"{option} needs a process of this machine, and this resource has none; leave it out." : null;

    private static IEnumerable<string> Restarts(SupervisorOptions options)
    {
        if (!Enum.IsDefined(options.Autorestart))
        {
            yield return $"Autorestart is {(int)options.Autorestart}; it must be Never, Unexpected or Always.";
        }

        if (options.ExitCodes.IsDefault || options.ExitCodes.Any(code => code is < 0 or > 255))
        {
            yield return "ExitCodes must hold numbers from 0 to 255.";
        }

        foreach (var error in Errors(
            Check("StartSeconds", options.StartSeconds, 0, Hour.TotalSeconds),
            Check("StartRetries", options.StartRetries, 0, 1000),
            Check("StartLimitInterval", options.StartLimitInterval, Second, Week)))
        {
            yield return error;
        }
    }

    private static IEnumerable<string> Backoff(SupervisorBackoff? backoff) => backoff is null
        ? ["Backoff is missing."]
        : Errors(
            Check("Backoff.Initial", backoff.Initial, TimeSpan.Zero, Hour),
            Check("Backoff.Factor", backoff.Factor, 1, 10),
            Check("Backoff.Cap", backoff.Cap, backoff.Initial < Day ? backoff.Initial : Day, Day),
            Check("Backoff.Jitter", backoff.Jitter, 0, 1));

    private static IEnumerable<string> Stops(SupervisorOptions options)
    {
        if (options.StopSignal is { } signal && !Signals.Names.Contains(signal))
        {
            yield return $"StopSignal is '{signal}'; it must be one of {string.Join(", ", Signals.Names)}.";
        }

        if (Check("StopWaitSeconds", options.StopWaitSeconds, 0, Hour.TotalSeconds) is { } error)
        {
            yield return error;
        }
    }

    private static IEnumerable<string> Limits(SupervisorOptions options)
    {
        if (options.MaxRequests is not null && options.RequestCountPath is null)
        {
            yield return "MaxRequests needs RequestCountPath, the path at which each replica reports how many requests it has served.";
        }

        if (options.RequestCountPath is { } path && !(path.StartsWith('/') && Uri.IsWellFormedUriString(path, UriKind.Relative)))
        {
            yield return $"RequestCountPath is '{path}'; it must be a path that begins with '/'.";
        }

        foreach (var error in Errors(
            Check("MemoryLimit", options.MemoryLimit, 1 << 20, long.MaxValue),
            Check("MaxRequests", options.MaxRequests, 1, long.MaxValue / 2),
            Check("MaxRequestsJitter", options.MaxRequestsJitter, 0, long.MaxValue / 2),
            Check("MaxLifetime", options.MaxLifetime, Second, Year),
            Check("MaxLifetimeJitter", options.MaxLifetimeJitter, TimeSpan.Zero, Year)))
        {
            yield return error;
        }
    }

    private static IEnumerable<string> Watchdog(SupervisorWatchdog? watchdog) => watchdog is null
        ? ["Watchdog is missing; to turn it off, set Watchdog.Enabled to false."]
        : Errors(Check("Watchdog.Timeout", watchdog.Timeout, Tenth, Day));

    private static IEnumerable<string> Availability(SupervisorOptions options) =>
    [
        .. Watchdog(options.Watchdog),
        .. Errors(
            Check("MinAvailable", options.MinAvailable, 0, 1000),
            Check("MaxReplicas", options.MaxReplicas, 0, 1000),
            Check("HealthyTimeout", options.HealthyTimeout, Tenth, Day)),
    ];

    internal static string? Check(string option, long? value, long minimum, long maximum) =>
        value is { } number && (number < minimum || number > maximum)
            ? string.Create(CultureInfo.InvariantCulture, $"{option} is {number}; it must be from {minimum} to {maximum}.")
            : null;

    internal static string? Check(string option, double? value, double minimum, double maximum) =>
        value is null || (value >= minimum && value <= maximum)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; it must be from {minimum} to {maximum}.");

    internal static string? Check(string option, TimeSpan? value, TimeSpan minimum, TimeSpan maximum) =>
        value is { } time && (time < minimum || time > maximum)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{option} is {time.TotalSeconds} s; it must be from {minimum.TotalSeconds} s to {maximum.TotalSeconds} s.")
            : null;

    internal static IEnumerable<string> Errors(params string?[] checks) => checks.OfType<string>();
}

/// <summary>Finds every error in the options of an autoscaled group.</summary>
internal static class AutoscalingOptionsValidator
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    public static IReadOnlyList<string> Validate(AutoscalingOptions options, ReplicaGroupResource group) =>
    [
        .. Room(options, group),
        .. options is { RequestsPerReplica: null, ProcessorsPerReplica: null }
            ? ["RequestsPerReplica and ProcessorsPerReplica are both missing; one must be set, or there is nothing to follow."]
            : Array.Empty<string>(),
        .. SupervisorOptionsValidator.Errors(
            SupervisorOptionsValidator.Check("RequestsPerReplica", options.RequestsPerReplica, 0.1, 100_000),
            SupervisorOptionsValidator.Check("ProcessorsPerReplica", options.ProcessorsPerReplica, 0.01, 1000),
            SupervisorOptionsValidator.Check("Window", options.Window, Second, Hour),
            SupervisorOptionsValidator.Check("ScaleDownAfter", options.ScaleDownAfter, options.Window < Day ? options.Window : Day, Day)),
    ];

    private static IEnumerable<string> Room(AutoscalingOptions options, ReplicaGroupResource group) =>
        group.Max == 1 ? ["It has one replica at most; give AddReplicas a max of at least 2."]
        : options.MinReplicas is null && group.Count == group.Max
            ? [$"MinReplicas is the count, {group.Count}, which is the max too; set it lower, or give AddReplicas a larger max."]
        : SupervisorOptionsValidator.Errors(SupervisorOptionsValidator.Check("MinReplicas", (long?)options.MinReplicas, 1, group.Max - 1));
}
