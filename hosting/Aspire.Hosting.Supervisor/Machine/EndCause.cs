namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>Why a process is not there any more.</summary>
internal enum EndCause
{
    /// <summary>The host does not say.</summary>
    Unknown,

    /// <summary>By itself, or by a signal from outside.</summary>
    Exit,

    /// <summary>Somebody asked for its stop or its restart.</summary>
    Stop,

    /// <summary>There never was one: it could not be started.</summary>
    FailedToStart,
}
