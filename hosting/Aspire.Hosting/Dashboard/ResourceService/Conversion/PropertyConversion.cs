using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

/// <summary>The details of a row: first those every row has, by the names the dashboard knows, then the row's own.</summary>
internal static class PropertyConversion
{
    public static IEnumerable<ResourceProperty> ToMessages(ResourceEvent row)
    {
        var common = Common(row).Select(static property => new ResourceProperty { Name = property.Name, Value = property.Value is null ? Value.ForNull() : Value.ForString(property.Value) });
        return common.Concat(row.Snapshot.Properties.OrEmpty().Select(property => ToMessage(row.Snapshot.ResourceType, property)));
    }

    private static IEnumerable<(string Name, string? Value)> Common(ResourceEvent row)
    {
        var snapshot = row.Snapshot;
        yield return ("resource.uid", row.ResourceId);
        yield return ("resource.name", row.ResourceId);
        yield return ("resource.type", snapshot.ResourceType);
        yield return ("resource.displayName", row.Resource.Name);
        yield return ("resource.state", snapshot.State?.Text);
        yield return ("resource.exitCode", snapshot.ExitCode?.ToString(CultureInfo.InvariantCulture));
        yield return ("resource.createTime", TimeConversion.ToText(snapshot.CreationTimeStamp));
        yield return ("resource.startTime", TimeConversion.ToText(snapshot.StartTimeStamp));
        yield return ("resource.stopTime", TimeConversion.ToText(snapshot.StopTimeStamp));
        yield return ("resource.healthState", snapshot.HealthStatus?.ToString());
    }

    private static ResourceProperty ToMessage(string resourceType, ResourcePropertySnapshot property)
    {
        var message = new ResourceProperty { Name = property.Name, Value = PropertyValue.ToMessage(property.Value), IsSensitive = property.IsSensitive };
        if (PropertyAppearance.Of(resourceType, property.Name) is { } appearance)
        {
            message.DisplayName = appearance.Label;
            message.SortOrder = appearance.Order;
            message.IsHighlighted = true;
        }

        return message;
    }
}
