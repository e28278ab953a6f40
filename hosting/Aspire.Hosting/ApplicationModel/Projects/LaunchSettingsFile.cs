using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Reads the launch settings of a project.</summary>
internal static partial class LaunchSettingsFile
{
    /// <summary>Reads <c>Properties/launchSettings.json</c> beside the project; null when there is none.</summary>
    /// <exception cref="DistributedApplicationException">The project does not exist, or its launch settings cannot be read.</exception>
    public static LaunchSettings? Read(string resourceName, string projectPath)
    {
        if (!File.Exists(projectPath))
        {
            throw new DistributedApplicationException($"Project '{resourceName}': there is no file '{projectPath}'. Correct the path given to AddProject.");
        }

        var path = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        return File.Exists(path) ? Parse(resourceName, path) : null;
    }

    private static LaunchSettings? Parse(string resourceName, string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, Json.Default.LaunchSettings);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"Project '{resourceName}': its launch settings '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    [JsonSourceGenerationOptions(ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
    [JsonSerializable(typeof(LaunchSettings))]
    private sealed partial class Json : JsonSerializerContext;
}
