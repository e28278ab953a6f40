using System.Collections.Immutable;

namespace Aspire.Hosting.Supervisor.Configuration;

/// <summary>How a resource is kept alive. Each replica is supervised by itself, and no two are taken out of service at once.</summary>
public sealed record SupervisorOptions
{
    /// <summary>That of replicas that are not supervised: shown, started, stopped and scaled on demand, and otherwise left alone.</summary>
    internal static SupervisorOptions None { get; } = new() { Autorestart = SupervisorAutorestart.Never, Watchdog = new() { Enabled = false } };

    /// <summary>Whether it is <see cref="None"/>.</summary>
    internal bool IsNone => ReferenceEquals(this, None);

    /// <summary>
    /// Which ends that nobody asked for make it start again (supervisor's <c>autorestart</c>). Default
    /// <see cref="SupervisorAutorestart.Unexpected"/>. A process that somebody stopped stays stopped.
    /// </summary>
    public SupervisorAutorestart Autorestart { get; init; } = SupervisorAutorestart.Unexpected;

    /// <summary>
    /// The exit codes of a process that is done (supervisor's <c>exitcodes</c>). Default 0; each 0 to 255. Unlike in supervisor they
    /// count also before <see cref="StartSeconds"/>. A process ended by signal <c>n</c> has the code 128 + <c>n</c>.
    /// </summary>
    public ImmutableArray<int> ExitCodes { get; init; } = [0];

    /// <summary>
    /// How many seconds a process must run for its start to count as successful (supervisor's <c>startsecs</c>). Default 1; 0 to
    /// 3,600. What ends sooner is tried again after <see cref="Backoff"/>, and so is what has a health check and was never healthy. What
    /// ends later is restarted at once; without a health check, one that ends again and again within ten times as long is taken for one
    /// that does not start.
    /// </summary>
    public double StartSeconds { get; init; } = 1;

    /// <summary>
    /// How many failed starts are followed by another try (supervisor's <c>startretries</c>, systemd's <c>StartLimitBurst</c>).
    /// Default 3; 0 to 1,000. After one more the process is given up: its state is Fatal until somebody starts it.
    /// </summary>
    public int StartRetries { get; init; } = 3;

    /// <summary>
    /// How long a failed start counts against <see cref="StartRetries"/> (systemd's <c>StartLimitIntervalSec</c>). Default 5 min; 1 s
    /// to 7 days. Each ten times <see cref="StartSeconds"/> of a run make good for one of them.
    /// </summary>
    public TimeSpan StartLimitInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The waits between failed starts.</summary>
    public SupervisorBackoff Backoff { get; init; } = new();

    /// <summary>
    /// The signal that asks a process to end (supervisor's <c>stopsignal</c>): <c>SIGTERM</c>, <c>SIGINT</c>, <c>SIGQUIT</c>,
    /// <c>SIGHUP</c>, <c>SIGUSR1</c> or <c>SIGUSR2</c>. Default: <c>SIGTERM</c>. A resource that replaces
    /// Aspire's command <c>stop</c> by one of its own, such as nginx, is stopped by that.
    /// </summary>
    public string? StopSignal { get; init; }

    /// <summary>
    /// How many seconds a process has to end after that signal, before it is killed with all that it started (supervisor's
    /// <c>stopwaitsecs</c>, which is 10; gunicorn's <c>graceful_timeout</c>, which is 30). Default 30; 0 to 3,600.
    /// </summary>
    public double StopWaitSeconds { get; init; } = 30;

    /// <summary>What happens to a process that no longer answers.</summary>
    public SupervisorWatchdog Watchdog { get; init; } = new();

    /// <summary>
    /// The memory in bytes that a process and the others of its group may hold (resident set, as in systemd's <c>MemoryHigh</c>),
    /// looked at every second; more makes it be replaced gracefully. Default: no limit; at least 1 MiB. Linux only.
    /// </summary>
    public long? MemoryLimit { get; init; }

    /// <summary>
    /// After how many requests a process is replaced gracefully (gunicorn's <c>max_requests</c>). Default: never; at least 1. The
    /// process counts them itself and tells the number at <see cref="RequestCountPath"/>.
    /// </summary>
    public long? MaxRequests { get; init; }

    /// <summary>
    /// Up to how many requests more, by chance, so that replicas are not due together (gunicorn's <c>max_requests_jitter</c>).
    /// Default 0; at least 0.
    /// </summary>
    public long MaxRequestsJitter { get; init; }

    /// <summary>
    /// Where a process answers a <c>GET</c> with the number of requests it has served, as plain text: a path beginning with
    /// <c>/</c>, asked once a second at each replica's own address. Needed with <see cref="MaxRequests"/>, and without it unused.
    /// </summary>
    public string? RequestCountPath { get; init; }

    /// <summary>After which time a process is replaced gracefully (systemd's <c>RuntimeMaxSec</c>). Default: never; at least 1 s.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>Up to how much more time, by chance (systemd's <c>RuntimeRandomizedExtraSec</c>). Default 0; at least 0.</summary>
    public TimeSpan MaxLifetimeJitter { get; init; }

    /// <summary>
    /// How many other replicas must run and be healthy before one is taken out of service for a reload or a replacement. Default: all
    /// others; 0 up to one less than there are replicas. Replicas that somebody stopped are not waited for.
    /// </summary>
    public int? MinAvailable { get; init; }

    /// <summary>
    /// Whether a standby replica of a group stands in for one that is replaced: it is healthy before the other one goes. Default
    /// <see langword="true"/>; without effect where all replicas of the group run, and for what is no group.
    /// </summary>
    public bool UseStandby { get; init; } = true;

    /// <summary>
    /// Up to how many replicas a deployment may scale, where its target scales by itself. Default 0: it does not, or, for a group of
    /// <c>AddReplicas</c>, as many as the group has at most; 0 to 1,000. When run, a group scales by its commands up to its own maximum.
    /// </summary>
    public int MaxReplicas { get; init; }

    /// <summary>
    /// How long a process may take to become healthy, during a reload and at any start (kubectl's <c>progressDeadlineSeconds</c>).
    /// Default 60 s; 100 ms to 24 h. A reload stops at a replica that takes longer.
    /// </summary>
    public TimeSpan HealthyTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Which ends of a process that nobody asked for make it start again (supervisor's <c>autorestart</c>, systemd's <c>Restart</c>).</summary>
public enum SupervisorAutorestart
{
    /// <summary>None: an ended process stays ended (<c>autorestart=false</c>).</summary>
    Never,

    /// <summary>Every end with another code than those in <see cref="SupervisorOptions.ExitCodes"/> (<c>autorestart=unexpected</c>).</summary>
    Unexpected,

    /// <summary>Every end, whatever its code (<c>autorestart=true</c>).</summary>
    Always,
}

/// <summary>
/// How long to wait before the next try of a process that ends before it has run for <see cref="SupervisorOptions.StartSeconds"/>
/// (systemd's <c>RestartSec</c>, <c>RestartSteps</c> and <c>RestartMaxDelaySec</c>; supervisor waits 1 s, 2 s, 3 s and so on).
/// </summary>
public sealed record SupervisorBackoff
{
    /// <summary>The wait before the first try. Default 500 ms; 0 to 1 h.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>By how much each wait is longer than the one before. Default 2; 1 to 10.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>The longest wait. Default 30 s; from <see cref="Initial"/> to 24 h.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The share of a wait that is left to chance, so that replicas do not try all at once. Default 0.1; 0 to 1.</summary>
    public double Jitter { get; init; } = 0.1;
}

/// <summary>
/// Kills and replaces a process that gives no answer to its health check (gunicorn's <c>timeout</c>, systemd's <c>WatchdogSec</c>). One that
/// answers that it is not healthy lives, and a restart would not bring back the database that it misses: a proxy sends it no requests
/// meanwhile. It needs a health check, such as that of <c>WithHttpHealthCheck</c>: what has none is never taken for hung.
/// </summary>
public sealed record SupervisorWatchdog
{
    /// <summary>Whether there is a watchdog. Default <see langword="true"/>.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// How long the health check may go unanswered (no connection, no answer within three seconds, or a check that throws). Default 30 s, as
    /// in gunicorn; 100 ms to 24 h. A process that has not been healthy yet has at least <see cref="SupervisorOptions.HealthyTimeout"/>.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
