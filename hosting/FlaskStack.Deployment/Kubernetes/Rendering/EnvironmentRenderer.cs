using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;
using Aspire.Hosting.Publishing.Values;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>Environment variables; parameters come from a Secret or a ConfigMap, never from the manifest itself.</summary>
internal static class EnvironmentRenderer
{
    private const string HelperPrefix = "PARAMETER_";
    private const string PodName = "POD_NAME";
    private const string ServiceName = "OTEL_SERVICE_NAME";

    public static YamlList? Render(ClusterApplication application, Workload workload)
    {
        // What is made of a parameter and other text refers to a variable with the parameter alone, which has to come before it.
        var helpers = workload.Variables
            .Where(static variable => !IsParameterAlone(variable.Value))
            .SelectMany(static variable => variable.Value.Parameters)
            .Concat(workload.Arguments.SelectMany(static argument => argument.Parameters))
            .DistinctBy(static parameter => parameter.Key)
            .OrderBy(static parameter => parameter.Key, StringComparer.Ordinal)
            .Select(parameter => FromParameter(application, HelperName(parameter), parameter));
        var variables = workload.Variables.Select(variable => IsParameterAlone(variable.Value)
            ? FromParameter(application, variable.Name, variable.Value.Parameters.First())
            : new YamlMap { { "name", variable.Name }, { "value", Text(variable.Value) } });
        var list = new YamlList(Identity(workload).Concat(helpers).Concat(variables));
        return list.Count > 0 ? list : null;
    }

    /// <summary>Telemetry tells the pods of a service apart by their names.</summary>
    private static IEnumerable<YamlMap> Identity(Workload workload) => workload.Kind == WorkloadKind.Project && workload.Variables.All(static variable => variable.Name != ServiceName)
        ?
        [
            new YamlMap { { "name", PodName }, { "valueFrom", new YamlMap { { "fieldRef", new YamlMap { { "fieldPath", "metadata.name" } } } } } },
            new YamlMap { { "name", ServiceName }, { "value", workload.Name } },
            new YamlMap { { "name", "OTEL_RESOURCE_ATTRIBUTES" }, { "value", $"service.instance.id=$({PodName})" } },
        ]
        : [];

    /// <summary>A value as a container is given it, with <c>$(…)</c> where a parameter goes.</summary>
    public static string Text(PublishedValue value) => value.Render(
        static text => text.Replace("$(", "$$(", StringComparison.Ordinal),
        static parameter => $"$({HelperName(parameter)})");

    private static bool IsParameterAlone(PublishedValue value) => value.Parts is [{ Parameter: not null }];

    private static string HelperName(PublishedParameter parameter) =>
        HelperPrefix + string.Concat(parameter.Key.Select(static character => char.IsAsciiLetterOrDigit(character) ? char.ToUpperInvariant(character) : '_'));

    private static YamlMap FromParameter(ClusterApplication application, string variable, PublishedParameter parameter) => new()
    {
        { "name", variable },
        {
            "valueFrom",
            new YamlMap
            {
                {
                    parameter.IsSecret ? "secretKeyRef" : "configMapKeyRef",
                    new YamlMap
                    {
                        { "name", parameter.IsSecret ? ObjectNames.Secrets(application) : ObjectNames.Parameters(application) },
                        { "key", parameter.Key },
                    }
                },
            }
        },
    };
}
