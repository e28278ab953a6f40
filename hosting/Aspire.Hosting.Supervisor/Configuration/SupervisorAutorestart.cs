namespace Aspire.Hosting.Supervisor.Configuration;

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
