namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that the HTTP endpoints of a resource speak HTTP/2 only.</summary>
internal sealed class Http2ServiceAnnotation : IResourceAnnotation
{
}
