using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Cli.Auxiliary.Messages;

namespace Aspire.Hosting.Cli.Auxiliary.Conversion;

/// <summary>Makes of a row what the CLI shows of it.</summary>
internal static class SnapshotConversion
{
    /// <summary>The CLI wants every address to have a name.</summary>
    private const string UnnamedUrl = "default";

    /// <param name="row">The row.</param>
    /// <param name="secrets">What is left out.</param>
    /// <param name="takesJson">Whether the client takes details as JSON; otherwise they are text.</param>
    public static ResourceSnapshot ToMessage(ResourceEvent row, SecretValues secrets, bool takesJson)
    {
        var snapshot = row.Snapshot;
        return new ResourceSnapshot
        {
            Name = row.ResourceId,
            DisplayName = row.Resource.Name,
            ResourceType = snapshot.ResourceType,
            State = snapshot.State?.Text,
            StateStyle = snapshot.State?.Style,
            HealthStatus = snapshot.HealthStatus?.ToString(),
            WaitingFor = WaitingFor(snapshot.Properties),
            ExitCode = snapshot.ExitCode,
            CreatedAt = snapshot.CreationTimeStamp?.ToUtc(),
            StartedAt = snapshot.StartTimeStamp?.ToUtc(),
            StoppedAt = snapshot.StopTimeStamp?.ToUtc(),
            IsHidden = snapshot.IsHidden,
            Urls = ToMessages(snapshot.Urls),
            Relationships = [.. snapshot.Relationships.WithoutTiesTo(row.Resource.Name).Select(static tie => new ResourceSnapshotRelationship(tie.ResourceName, tie.Type))],
            HealthReports = [.. snapshot.HealthReports.OrEmpty().Select(static report => new ResourceSnapshotHealthReport(report.Name, report.Status?.ToString(), report.Description, report.ExceptionText))],
            Volumes = [.. snapshot.Volumes.OrEmpty().Select(static volume => new ResourceSnapshotVolume(volume.Source, volume.Target, volume.MountType, volume.IsReadOnly))],
            EnvironmentVariables = [.. snapshot.EnvironmentVariables.OrEmpty().Select(variable => ToMessage(variable, secrets))],
            Properties = ToMessages(snapshot.Properties, secrets, takesJson),
            Commands = [.. snapshot.Commands.OrEmpty().Select(ToMessage)],
        };
    }

    /// <summary>An argument that a command takes.</summary>
    public static ResourceSnapshotInput ToMessage(InteractionInput input) => new()
    {
        Name = input.Name,
        Label = input.Label,
        Description = input.Description,
        EnableDescriptionMarkdown = input.EnableDescriptionMarkdown,
        InputType = input.InputType.ToString(),
        Required = input.Required,
        Placeholder = input.Placeholder,
        Value = input.InputType == InputType.SecretText ? null : input.Value,
        Options = input.Options?.ToDictionary(),
        AllowCustomChoice = input.AllowCustomChoice,
        Disabled = input.Disabled,
        MaxLength = input.MaxLength,
    };

    private static ResourceSnapshotUrl[] ToMessages(ImmutableArray<UrlSnapshot> urls) =>
        [.. urls.OrEmpty().Where(static url => !url.IsInactive && !string.IsNullOrEmpty(url.Url)).Select(ToMessage)];

    private static ResourceSnapshotUrl ToMessage(UrlSnapshot url) => new(
        string.IsNullOrEmpty(url.Name) ? UnnamedUrl : url.Name,
        url.Url,
        url.IsInternal,
        new ResourceSnapshotUrlDisplay(url.DisplayProperties is { DisplayName.Length: > 0 } display ? display.DisplayName : null, url.DisplayProperties?.SortOrder ?? 0));

    private static ResourceSnapshotVariable ToMessage(EnvironmentVariableSnapshot variable, SecretValues secrets) =>
        new(variable.Name, secrets.Occur(variable.Value) ? null : variable.Value, variable.IsFromSpec);

    private static Dictionary<string, JsonNode?> ToMessages(ImmutableArray<ResourcePropertySnapshot> properties, SecretValues secrets, bool takesJson)
    {
        var nodes = new Dictionary<string, JsonNode?>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in properties.OrEmpty())
        {
            nodes[property.Name] = property.IsSensitive ? null
                : takesJson ? PropertyNode.Of(property.Value, secrets)
                : PropertyNode.TextOf(property.Value, secrets);
        }

        return nodes;
    }

    private static ResourceSnapshotCommand ToMessage(ResourceCommandSnapshot command) => new(
        command.Name,
        string.IsNullOrEmpty(command.DisplayName) ? command.Name : command.DisplayName,
        command.DisplayDescription,
        command.State.ToString(),
        command.Visibility.ToString(),
        [.. command.Arguments.Select(ToMessage)]);

    private static string[]? WaitingFor(ImmutableArray<ResourcePropertySnapshot> properties) =>
        properties.OrEmpty().FirstOrDefault(static property => property.Name.Equals(KnownPropertyNames.WaitingFor, StringComparison.OrdinalIgnoreCase))?.Value switch
        {
            string name => [name],
            IEnumerable<string> names when names.Any() => [.. names],
            _ => null,
        };
}
