namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource that lives inside another and follows its life.</summary>
public interface IResourceWithParent : IResource
{
    /// <summary>Gets the resource this one lives in.</summary>
    IResource Parent { get; }
}
