using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

internal static class VolumeConversion
{
    public static IEnumerable<Volume> ToMessages(ImmutableArray<VolumeSnapshot> volumes) => volumes.OrEmpty().Select(ToMessage);

    private static Volume ToMessage(VolumeSnapshot volume)
        => new() { Source = volume.Source ?? string.Empty, Target = volume.Target, MountType = volume.MountType, IsReadOnly = volume.IsReadOnly };
}
