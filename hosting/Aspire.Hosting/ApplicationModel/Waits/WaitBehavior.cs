namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a wait does when the resource it waits for ends or cannot start.</summary>
public enum WaitBehavior
{
    /// <summary>It goes on waiting: somebody may start the resource again.</summary>
    WaitOnResourceUnavailable = 0,

    /// <summary>It fails.</summary>
    StopOnResourceUnavailable = 1,
}
