namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>Where the life of a supervised process stands.</summary>
internal enum InstancePhase
{
    /// <summary>Nobody has started it.</summary>
    Idle,

    /// <summary>Somebody starts it.</summary>
    Starting,

    /// <summary>The supervisor starts it.</summary>
    Restarting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>Somebody stops it.</summary>
    Stopping,

    /// <summary>It did not start; the next try has its time.</summary>
    Backoff,

    /// <summary>It did not start however often it was tried: only somebody's start revives it.</summary>
    Fatal,

    /// <summary>Somebody stopped it.</summary>
    Stopped,

    /// <summary>It ended by itself and is not to be started again.</summary>
    Finished,
}
