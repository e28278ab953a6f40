using System.Text;
using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;
using Aspire.Hosting.Publishing.Values;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>ConfigMaps, and the example of the Secret.</summary>
internal static class ConfigMapRenderer
{
    /// <summary>What stands where something has to be filled in.</summary>
    public const string Placeholder = "CHANGE-ME";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The files of a workload.</summary>
    public static YamlMap RenderFiles(ClusterApplication application, Workload workload)
    {
        var data = new YamlMap();
        var binaryData = new YamlMap();
        foreach (var file in workload.Files)
        {
            if (TextOf(file.Content) is { } text)
            {
                data.Add(file.Key, text);
            }
            else
            {
                binaryData.Add(file.Key, Convert.ToBase64String(file.Content));
            }
        }

        var name = ObjectNames.Configuration(workload);
        return new YamlMap
        {
            { "apiVersion", "v1" },
            { "kind", "ConfigMap" },
            { "metadata", new YamlMap { { "name", name }, { "labels", Labels.Of(application, workload.Name) } } },
            { "data", data.Count > 0 ? data : null },
            { "binaryData", binaryData.Count > 0 ? binaryData : null },
        };
    }

    /// <summary>Parameters that have no value yet and are no secrets.</summary>
    public static YamlMap RenderParameters(ClusterApplication application, IEnumerable<PublishedParameter> parameters) => new()
    {
        { "apiVersion", "v1" },
        { "kind", "ConfigMap" },
        { "metadata", new YamlMap { { "name", ObjectNames.Parameters(application) }, { "labels", Labels.OfApplication(application) } } },
        { "data", Placeholders(parameters) },
    };

    /// <summary>The Secret that the cluster has to have, with nothing secret in it.</summary>
    public static YamlMap RenderSecretExample(ClusterApplication application, IEnumerable<PublishedParameter> parameters) => new()
    {
        { "apiVersion", "v1" },
        { "kind", "Secret" },
        { "metadata", new YamlMap { { "name", ObjectNames.Secrets(application) }, { "labels", Labels.OfApplication(application) } } },
        { "type", "Opaque" },
        { "stringData", Placeholders(parameters) },
    };

    private static YamlMap Placeholders(IEnumerable<PublishedParameter> parameters)
    {
        var data = new YamlMap();
        foreach (var parameter in parameters)
        {
            data.Add(parameter.Key, Placeholder);
        }

        return data;
    }

    private static string? TextOf(byte[] content)
    {
        try
        {
            return Strict.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
