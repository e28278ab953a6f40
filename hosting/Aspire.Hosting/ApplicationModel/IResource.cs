namespace Aspire.Hosting.ApplicationModel;

/// <summary>A named part of an application: data and annotations, with no knowledge of how it is run.</summary>
public interface IResource
{
    /// <summary>Gets the name the application model knows the resource by.</summary>
    string Name { get; }

    /// <summary>Gets what has been said about the resource; services interpret it.</summary>
    ResourceAnnotationCollection Annotations { get; }
}
