namespace Aspire.Hosting.ApplicationModel;

/// <summary>Options for <c>ResourceNotificationService</c>.</summary>
public sealed class ResourceNotificationServiceOptions
{
    /// <summary>Gets or sets what waits do when the resource they wait for ends or cannot start, unless they say so themselves. Default: go on waiting.</summary>
    public WaitBehavior DefaultWaitBehavior { get; set; }
}
