namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a command is offered.</summary>
[Flags]
public enum ResourceCommandVisibility
{
    /// <summary>Nowhere; the AppHost itself may execute it.</summary>
    None = 0,

    /// <summary>In the dashboard.</summary>
    UI = 1,

    /// <summary>To programs, such as the CLI.</summary>
    Api = 2,
}
