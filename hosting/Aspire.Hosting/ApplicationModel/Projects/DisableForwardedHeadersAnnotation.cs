namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that a published project must not trust <c>X-Forwarded-*</c> headers.</summary>
public sealed class DisableForwardedHeadersAnnotation : IResourceAnnotation
{
}
