namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource that is never started or stopped, such as a parameter. Nobody waits for it.</summary>
public interface IResourceWithoutLifetime : IResource
{
}
