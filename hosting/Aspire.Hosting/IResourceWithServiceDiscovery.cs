using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A resource whose endpoints others find by its name through service discovery.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints
{
}
