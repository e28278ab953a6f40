using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Eventing;

/// <summary>Something that happens to one resource.</summary>
public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
{
    /// <summary>Gets the resource.</summary>
    IResource Resource { get; }

    /// <summary>Gets the services of the application.</summary>
    IServiceProvider Services { get; }

    /// <summary>Gets a logger that writes to the log of the resource.</summary>
    ILogger Logger => Services.GetRequiredService<ResourceLoggerService>().GetLogger(Resource);
}
