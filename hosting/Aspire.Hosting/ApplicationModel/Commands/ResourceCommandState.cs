namespace Aspire.Hosting.ApplicationModel;

/// <summary>Whether a command can be executed now.</summary>
public enum ResourceCommandState
{
    /// <summary>It can.</summary>
    Enabled = 0,

    /// <summary>It is shown and cannot.</summary>
    Disabled = 1,

    /// <summary>It is not shown and cannot.</summary>
    Hidden = 2,
}
