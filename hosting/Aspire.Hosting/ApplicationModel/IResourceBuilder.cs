namespace Aspire.Hosting.ApplicationModel;

/// <summary>Configures one resource of an application that is being built.</summary>
/// <typeparam name="T">The type of the resource.</typeparam>
public interface IResourceBuilder<out T>
    where T : IResource
{
    /// <summary>Gets the builder of the application the resource belongs to.</summary>
    IDistributedApplicationBuilder ApplicationBuilder { get; }

    /// <summary>Gets the resource.</summary>
    T Resource { get; }

    /// <summary>Adds a new annotation made with its parameterless constructor.</summary>
    /// <typeparam name="TAnnotation">The type of the annotation.</typeparam>
    /// <param name="behavior">What becomes of earlier annotations of that type. Default: they stay.</param>
    /// <returns>This builder.</returns>
    IResourceBuilder<T> WithAnnotation<TAnnotation>(ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation, new()
        => WithAnnotation(new TAnnotation(), behavior);

    /// <summary>Adds an annotation.</summary>
    /// <typeparam name="TAnnotation">The type of the annotation.</typeparam>
    /// <param name="annotation">The annotation.</param>
    /// <param name="behavior">What becomes of earlier annotations of that type. Default: they stay.</param>
    /// <returns>This builder.</returns>
    IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation;
}
