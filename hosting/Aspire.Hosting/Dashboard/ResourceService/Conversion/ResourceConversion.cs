using Aspire.Hosting.ApplicationModel;
using Resource = Aspire.Hosting.Dashboard.ResourceService.Protocol.Resource;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

/// <summary>Makes of a row what the dashboard shows of it.</summary>
internal static class ResourceConversion
{
    public static Resource ToMessage(ResourceEvent row)
    {
        var snapshot = row.Snapshot;
        var message = new Resource
        {
            Name = row.ResourceId,
            Uid = row.ResourceId,
            DisplayName = row.Resource.Name,
            ResourceType = snapshot.ResourceType,
            State = snapshot.State?.Text ?? string.Empty,
            StateStyle = snapshot.State?.Style ?? string.Empty,
            IsHidden = snapshot.IsHidden,
            CreatedAt = TimeConversion.ToMessage(snapshot.CreationTimeStamp),
            StartedAt = TimeConversion.ToMessage(snapshot.StartTimeStamp),
            StoppedAt = TimeConversion.ToMessage(snapshot.StopTimeStamp),
            Environment = { EnvironmentConversion.ToMessages(snapshot.EnvironmentVariables) },
            Commands = { CommandConversion.ToMessages(snapshot.Commands) },
            Properties = { PropertyConversion.ToMessages(row) },
            Urls = { UrlConversion.ToMessages(snapshot.Urls) },
            Volumes = { VolumeConversion.ToMessages(snapshot.Volumes) },
            HealthReports = { HealthConversion.ToMessages(snapshot.HealthReports) },
            Relationships = { RelationshipConversion.ToMessages(row.Resource.Name, snapshot.Relationships) },
        };
        Adorn(message, snapshot);
        return message;
    }

    private static void Adorn(Resource message, CustomResourceSnapshot snapshot)
    {
        if (snapshot.IconName is { Length: > 0 } icon)
        {
            message.IconName = icon;
            message.IconVariant = IconConversion.ToMessage(snapshot.IconVariant ?? ApplicationModel.IconVariant.Filled);
        }
    }
}
