using System.Collections.Immutable;

namespace Aspire.Hosting.Supervisor.Configuration;

/// <summary>Options of <c>WithSupervisor</c>: how a resource is kept alive.</summary>
/// <remarks>Each replica is supervised separately, and only one at a time is taken out of service.</remarks>
public sealed record SupervisorOptions
{
    /// <summary>The options of replicas without supervision: they are shown, and run by commands only.</summary>
    internal static SupervisorOptions None { get; } = new()
    {
        Autorestart = SupervisorAutorestart.Never,
        Watchdog = new() { Enabled = false },
    };

    /// <summary>Whether these options are <see cref="None"/>.</summary>
    internal bool IsNone => ReferenceEquals(this, None);

    /// <summary>
    /// Which exits are followed by a restart (supervisor's <c>autorestart</c>). Default <see cref="SupervisorAutorestart.Unexpected"/>. A
    /// process that was stopped by a command stays stopped.
    /// </summary>
    public SupervisorAutorestart Autorestart { get; init; } = SupervisorAutorestart.Unexpected;

    /// <summary>
    /// The exit codes of a process that has finished its work (supervisor's <c>exitcodes</c>). Default 0; each 0 to 255. Unlike in
    /// supervisor they also count before <see cref="StartSeconds"/>. A process ended by signal <c>n</c> has the code 128 + <c>n</c>.
    /// </summary>
    public ImmutableArray<int> ExitCodes { get; init; } = [0];

    /// <summary>
    /// How many seconds a process must run for its start to count as successful (supervisor's <c>startsecs</c>). Default 1; 0 to
    /// 3,600. A process that ends sooner, or that has a health check and was never healthy, is tried again after <see cref="Backoff"/>. A
    /// process that ends later is restarted at once. Without a health check, one that repeatedly ends within ten times as long counts as
    /// one that does not start.
    /// </summary>
    public double StartSeconds { get; init; } = 1;

    /// <summary>
    /// How many failed starts are followed by another try (supervisor's <c>startretries</c>, systemd's <c>StartLimitBurst</c>).
    /// Default 3; 0 to 1,000. After one more the process is given up: its state is Fatal until it is started by hand.
    /// </summary>
    public int StartRetries { get; init; } = 3;

    /// <summary>
    /// How long a failed start counts against <see cref="StartRetries"/> (systemd's <c>StartLimitIntervalSec</c>). Default 5 min; 1 s
    /// to 7 days. A run of ten times <see cref="StartSeconds"/> also cancels one failed start.
    /// </summary>
    public TimeSpan StartLimitInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The waits between failed starts.</summary>
    public SupervisorBackoff Backoff { get; init; } = new();

    /// <summary>
    /// The signal that asks a process to end (supervisor's <c>stopsignal</c>): <c>SIGTERM</c>, <c>SIGINT</c>, <c>SIGQUIT</c>,
    /// <c>SIGHUP</c>, <c>SIGUSR1</c> or <c>SIGUSR2</c>. Default: <c>SIGTERM</c>. A resource that replaces Aspire's command <c>stop</c> with
    /// one of its own, such as nginx, is stopped by that command.
    /// </summary>
    public string? StopSignal { get; init; }

    /// <summary>
    /// How many seconds a process has to end after that signal before it and its children are killed (supervisor's
    /// <c>stopwaitsecs</c>, which is 10; gunicorn's <c>graceful_timeout</c>, which is 30). Default 30; 0 to 3,600.
    /// </summary>
    public double StopWaitSeconds { get; init; } = 30;

    /// <summary>The watchdog, which replaces a process that no longer answers.</summary>
    public SupervisorWatchdog Watchdog { get; init; } = new();

    /// <summary>
    /// The memory limit in bytes of a process and its children (resident set, as in systemd's <c>MemoryHigh</c>). It is checked every
    /// second; a process above it is replaced gracefully. Default: no limit; at least 1 MiB. Linux only.
    /// </summary>
    public long? MemoryLimit { get; init; }

    /// <summary>
    /// The number of requests after which a process is replaced gracefully (gunicorn's <c>max_requests</c>). Default: no limit; at
    /// least 1. The process counts them itself and reports the number at <see cref="RequestCountPath"/>.
    /// </summary>
    public long? MaxRequests { get; init; }

    /// <summary>
    /// The largest random addition to <see cref="MaxRequests"/>, so that replicas are not due together (gunicorn's
    /// <c>max_requests_jitter</c>). Default 0; at least 0.
    /// </summary>
    public long MaxRequestsJitter { get; init; }

    /// <summary>
    /// The path at which a process answers a <c>GET</c> with the number of requests it has served, as plain text. It begins with
    /// <c>/</c> and is read once a second at each replica's own address. Required with <see cref="MaxRequests"/>, unused without it.
    /// </summary>
    public string? RequestCountPath { get; init; }

    /// <summary>The age at which a process is replaced gracefully (systemd's <c>RuntimeMaxSec</c>). Default: none; at least 1 s.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>
    /// The largest random addition to <see cref="MaxLifetime"/> (systemd's <c>RuntimeRandomizedExtraSec</c>). Default 0; at least 0.
    /// </summary>
    public TimeSpan MaxLifetimeJitter { get; init; }

    /// <summary>
    /// How many other replicas must run and be healthy before one is taken out of service for a reload or a replacement. Default: all
    /// others; 0 up to one less than there are replicas. Replicas stopped by a command are not waited for.
    /// </summary>
    public int? MinAvailable { get; init; }

    /// <summary>
    /// Whether a standby replica of a group stands in for one that is replaced: it is healthy before the other one stops. Default
    /// <see langword="true"/>; without effect when all replicas of the group run, and for resources that are not groups.
    /// </summary>
    public bool UseStandby { get; init; } = true;

    /// <summary>
    /// The most replicas a deployment may scale to, where its target scales by itself. Default 0: no scaling, or the group's own maximum
    /// for a group of <c>AddReplicas</c>; 0 to 1,000. It has no effect when run, where a group scales up to its own maximum.
    /// </summary>
    public int MaxReplicas { get; init; }

    /// <summary>
    /// How long a process may take to become healthy, during a reload and at any start (kubectl's <c>progressDeadlineSeconds</c>).
    /// Default 60 s; 100 ms to 24 h. A reload stops at a replica that takes longer.
    /// </summary>
    public TimeSpan HealthyTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Which exits of a process are followed by a restart (supervisor's <c>autorestart</c>, systemd's <c>Restart</c>).</summary>
public enum SupervisorAutorestart
{
    /// <summary>None: a process that has exited stays so (<c>autorestart=false</c>).</summary>
    Never,

    /// <summary>Every exit with a code not in <see cref="SupervisorOptions.ExitCodes"/> (<c>autorestart=unexpected</c>).</summary>
    Unexpected,

    /// <summary>Every exit (<c>autorestart=true</c>).</summary>
    Always,
}

/// <summary>
/// The waits between failed starts: each is longer than the one before, up to a cap
/// (systemd's <c>RestartSec</c>, <c>RestartSteps</c> and <c>RestartMaxDelaySec</c>; supervisor waits 1 s, 2 s, 3 s and so on).
/// </summary>
public sealed record SupervisorBackoff
{
    /// <summary>The wait before the first try. Default 500 ms; 0 to 1 h.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The factor by which each wait is longer than the one before. Default 2; 1 to 10.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>The longest wait. Default 30 s; from <see cref="Initial"/> to 24 h.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The random share of a wait, so that replicas do not all try at once. Default 0.1; 0 to 1.</summary>
    public double Jitter { get; init; } = 0.1;
}

/// <summary>
/// Options of the watchdog, which kills and replaces a process that does not answer its health check (gunicorn's <c>timeout</c>,
/// systemd's <c>WatchdogSec</c>).
/// </summary>
/// <remarks>
/// It needs a health check, such as that of <c>WithHttpHealthCheck</c>. A process that answers that it is not healthy is left alone: a
/// restart would not bring back a missing database, and a proxy sends it no requests meanwhile.
/// </remarks>
public sealed record SupervisorWatchdog
{
    /// <summary>Whether the watchdog is on. Default <see langword="true"/>.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// How long the health check may go unanswered (no connection, no answer within three seconds, or a check that throws). Default 30 s,
    /// as in gunicorn; 100 ms to 24 h. A process that was never healthy has at least <see cref="SupervisorOptions.HealthyTimeout"/>.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
