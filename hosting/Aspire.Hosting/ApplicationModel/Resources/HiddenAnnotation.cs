namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that a resource is not shown unless hidden ones are asked for.</summary>
internal sealed class HiddenAnnotation : IResourceAnnotation
{
}
