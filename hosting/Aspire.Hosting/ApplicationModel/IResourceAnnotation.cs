namespace Aspire.Hosting.ApplicationModel;

/// <summary>Marks a type that carries one statement about a resource.</summary>
public interface IResourceAnnotation
{
}
