using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The user secrets of an AppHost: a file outside the project that only its owner can read.</summary>
/// <param name="path">The file.</param>
internal sealed class UserSecretsFile(string path)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _lock = new();

    /// <summary>The user secrets that an assembly was built with; null when it has none.</summary>
    public static UserSecretsFile? Of(Assembly? assembly) =>
        assembly?.GetCustomAttribute<UserSecretsIdAttribute>() is { UserSecretsId: { Length: > 0 } id }
            ? new UserSecretsFile(PathHelper.GetSecretsPathFromSecretsId(id))
            : null;

    /// <summary>The value of a key; if there is none, a new one, which is kept.</summary>
    /// <exception cref="DistributedApplicationException">The file cannot be read or written.</exception>
    public string GetOrAdd(string key, Func<string> create)
    {
        lock (_lock)
        {
            try
            {
                var secrets = Read();
                if (secrets[key] is JsonValue known && known.TryGetValue<string>(out var value))
                {
                    return value;
                }

                value = create();
                secrets[key] = value;
                Write(secrets);
                return value;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
            {
                throw new DistributedApplicationException($"The user secrets '{path}' cannot keep '{key}': {exception.Message}", exception);
            }
        }
    }

    private JsonObject Read() => File.Exists(path)
        ? JsonNode.Parse(File.ReadAllText(path), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) as JsonObject ?? []
        : [];

    // A whole file takes the old one's place, so that a crash cannot leave half of one.
    private void Write(JsonObject secrets)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write(secrets.ToJsonString(Indented));
        }

        File.Move(temporary, path, overwrite: true);
    }
}
