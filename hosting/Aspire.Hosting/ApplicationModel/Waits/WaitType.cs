namespace Aspire.Hosting.ApplicationModel;

/// <summary>How far a dependency must have got.</summary>
public enum WaitType
{
    /// <summary>Running, healthy, and its ready event handled.</summary>
    WaitUntilHealthy = 0,

    /// <summary>Ended with the expected exit code.</summary>
    WaitForCompletion = 1,

    /// <summary>Running.</summary>
    WaitUntilStarted = 2,
}
