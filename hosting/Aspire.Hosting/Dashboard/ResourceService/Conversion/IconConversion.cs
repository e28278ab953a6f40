using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

internal static class IconConversion
{
    public static Protocol.IconVariant ToMessage(IconVariant variant) => variant == IconVariant.Filled ? Protocol.IconVariant.Filled : Protocol.IconVariant.Regular;
}
