using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// The dashboard's own row, hidden unless <c>ASPIRE_SHOW_DASHBOARD_RESOURCES</c> is set. It is not one of the resources that the
/// orchestrator runs: it starts after them, comes back by itself, and has no commands, so that nobody stops the page he looks at.
/// </summary>
internal sealed class DashboardResource : Resource
{
    /// <summary>The name it has in Aspire.</summary>
    public const string ResourceName = "aspire-dashboard";

    private const string Icon = "ContentView";

    /// <param name="isShown">Whether it is listed among the others.</param>
    public DashboardResource(bool isShown)
        : base(ResourceName)
    {
        Annotations.Add(ManifestPublishingCallbackAnnotation.Ignore);
        Annotations.Add(new ResourceSnapshotAnnotation(new CustomResourceSnapshot
        {
            ResourceType = ResourceTypes.Executable,
            Properties = [],
            State = KnownResourceStates.NotStarted,
            IconName = Icon,
            IsHidden = !isShown,
        }));
    }
}
