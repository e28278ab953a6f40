namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource that lives inside another of a known type.</summary>
/// <typeparam name="T">The type of the parent.</typeparam>
public interface IResourceWithParent<out T> : IResourceWithParent
    where T : IResource
{
    /// <summary>Gets the resource this one lives in.</summary>
    new T Parent { get; }

    IResource IResourceWithParent.Parent => Parent;
}
