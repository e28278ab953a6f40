using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

/// <summary>Something that happens to one resource.</summary>
public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
{
    /// <summary>Gets the resource.</summary>
    IResource Resource { get; }

    /// <summary>Gets the services of the application.</summary>
    IServiceProvider Services { get; }
}
