using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

internal static class UrlConversion
{
    public static IEnumerable<Url> ToMessages(ImmutableArray<UrlSnapshot> urls) => urls.OrEmpty().Select(ToMessage);

    private static Url ToMessage(UrlSnapshot url)
    {
        // The dashboard needs the display properties, even empty ones.
        var message = new Url
        {
            FullUrl = url.Url,
            IsInternal = url.IsInternal,
            IsInactive = url.IsInactive,
            DisplayProperties = new UrlDisplayProperties { DisplayName = url.DisplayProperties?.DisplayName ?? string.Empty, SortOrder = url.DisplayProperties?.SortOrder ?? 0 },
        };
        if (!string.IsNullOrEmpty(url.Name))
        {
            message.EndpointName = url.Name;
        }

        return message;
    }
}
