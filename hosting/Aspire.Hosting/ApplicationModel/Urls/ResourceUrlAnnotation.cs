using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A URL that is shown with a resource.</summary>
[DebuggerDisplay("Type = {GetType().Name,nq}, Url = {Url}, DisplayText = {DisplayText}")]
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>The place among the resource's URLs: the highest comes first; null counts as 0.</summary>
    [SuppressMessage("Design", "CA1051", Justification = "Aspire has it as a field.")]
    public int? DisplayOrder;

    /// <summary>The URL; relative to the endpoint if it has one.</summary>
    public required string Url { get; set; }

    /// <summary>The text shown instead of the URL.</summary>
    public string? DisplayText { get; set; }

    /// <summary>The endpoint that the URL leads to.</summary>
    public EndpointReference? Endpoint { get; init; }

    /// <summary>Where the URL is shown. Default: everywhere.</summary>
    public UrlDisplayLocation DisplayLocation { get; set; }

    /// <summary>Whether the URL leads to a place that outsiders do not reach.</summary>
    internal bool IsInternal => DisplayLocation is UrlDisplayLocation.DetailsOnly;

    internal ResourceUrlAnnotation Copy() => ForEndpoint(Endpoint);

    internal ResourceUrlAnnotation ForEndpoint(EndpointReference? endpoint) => new()
    {
        Url = Url,
        DisplayText = DisplayText,
        DisplayOrder = DisplayOrder,
        DisplayLocation = DisplayLocation,
        Endpoint = endpoint,
    };
}
