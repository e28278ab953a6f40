using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using FlaskStack.Deployment.Tests.Systemd;

namespace FlaskStack.Deployment.Tests.ContainerApps;

/// <summary>What differs from the manifest that Aspire writes alone, and from the container app that azd makes of it, and why.</summary>
public sealed partial class ManifestDifferenceTests : IDisposable
{
    private const string Scale = "a manifest has no replica counts, and azd would let Azure run one to ten";
    private const string Inputs = "what azd hands to the module of a container app that brings its own";

    private static readonly Dictionary<string, string> OfManifest = new()
    {
        ["api.type = project.v1"] = "the version of a project that brings its own container app",
        ["api.deployment.type = azure.bicep.v0"] = Scale,
        ["api.deployment.path = api.module.bicep"] = Scale,
        ["api.deployment.params.outputs_azure_container_apps_environment_id = {.outputs.AZURE_CONTAINER_APPS_ENVIRONMENT_ID}"] = Inputs,
        ["api.deployment.params.outputs_azure_container_registry_endpoint = {.outputs.AZURE_CONTAINER_REGISTRY_ENDPOINT}"] = Inputs,
        ["api.deployment.params.outputs_azure_container_registry_managed_identity_id"
            + " = {.outputs.AZURE_CONTAINER_REGISTRY_MANAGED_IDENTITY_ID}"] = Inputs,
        ["api.deployment.params.outputs_managed_identity_client_id = {.outputs.MANAGED_IDENTITY_CLIENT_ID}"] = Inputs,
        ["api.deployment.params.api_containerimage = {api.containerImage}"] = Inputs,
        ["api.deployment.params.api_containerport = {api.containerPort}"] = Inputs,
        ["api.deployment.params.env_place = {place.value}"] = "the value of a parameter, of which the module knows the name only",
    };

    /// <summary>The properties of the container app that azd makes of a project by itself.</summary>
    private static readonly string[] OfAzd =
    [
        "name", "location",
        "identity", "identity.type", "identity.userAssignedIdentities",
        "properties", "properties.environmentId",
        "properties.configuration", "properties.configuration.activeRevisionsMode",
        "properties.configuration.ingress", "properties.configuration.ingress.external", "properties.configuration.ingress.targetPort",
        "properties.configuration.ingress.transport", "properties.configuration.ingress.allowInsecure",
        "properties.configuration.registries", "properties.configuration.registries.server",
        "properties.configuration.registries.identity",
        "properties.configuration.runtime", "properties.configuration.runtime.dotnet",
        "properties.configuration.runtime.dotnet.autoConfigureDataProtection",
        "properties.template", "properties.template.containers", "properties.template.containers.name",
        "properties.template.containers.image", "properties.template.containers.env", "properties.template.containers.env.name",
        "properties.template.containers.env.value",
        "properties.template.scale", "properties.template.scale.minReplicas",
        "tags", "tags.azd-service-name", "tags.aspire-resource-name",
    ];

    private static readonly Dictionary<string, string> OfContainerApp = new()
    {
        ["properties.template.scale.maxReplicas"] = Scale,
        ["properties.template.terminationGracePeriodSeconds"] = "StopWaitSeconds of the supervisor",
        ["properties.template.containers.probes"] = "WithHttpHealthCheck: Azure would ask only whether connections are taken",
        ["properties.template.containers.probes.type"] = "startup, readiness and liveness",
        ["properties.template.containers.probes.httpGet"] = "asks the path of the health check",
        ["properties.template.containers.probes.httpGet.path"] = "/health, and /alive for liveness",
        ["properties.template.containers.probes.httpGet.port"] = "the port of the image",
        ["properties.template.containers.probes.periodSeconds"] = "HealthyTimeout and Watchdog.Timeout",
        ["properties.template.containers.probes.timeoutSeconds"] = "HealthyTimeout and Watchdog.Timeout",
        ["properties.template.containers.probes.failureThreshold"] = "HealthyTimeout and Watchdog.Timeout",
    };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_manifest_is_Aspires_but_for_the_module_of_a_project()
    {
        var alone = await WriteAsync(hasModules: false);

        var ours = await WriteAsync(hasModules: true);

        Assert.Equal(
            OfManifest.Keys.Append("api.type = project.v0").Order(StringComparer.Ordinal),
            alone.Except(ours).Concat(ours.Except(alone)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_container_app_is_azds_but_for_replicas_and_probes()
    {
        await WriteAsync(hasModules: true);

        Assert.Equal(
            OfAzd.Concat(OfContainerApp.Keys).Order(StringComparer.Ordinal),
            PropertiesOf(File.ReadAllText(_folder["api.module.bicep"])).Distinct().Order(StringComparer.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<HashSet<string>> WriteAsync(bool hasModules)
    {
        await Publisher.RunAsync("publish-manifest", _folder["manifest.json"], _folder.Path, builder =>
        {
            if (hasModules)
            {
                builder.AddContainerAppModules();
            }

            builder.AddSmallProject("api").WithReplicas(3).WithHttpHealthCheck("/health").WithSupervisor()
                .WithEnvironment("PLACE", builder.AddParameter("place"));
            builder.AddSmallProject("plain");
        });
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["manifest.json"]));
        return [.. Leaves(manifest.RootElement.GetProperty("resources"), "")];
    }

    private static IEnumerable<string> Leaves(JsonElement element, string path) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().SelectMany(
            property => Leaves(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}"))
        : [$"{path} = {element}"];

    /// <summary>The paths of a resource's properties, by their indentation; names that are expressions are left out.</summary>
    private static IEnumerable<string> PropertiesOf(string bicep)
    {
        var open = new List<(int Indent, string Name)>();
        foreach (Match line in Property().Matches(bicep))
        {
            var indent = line.Groups[1].Length;
            open.RemoveAll(parent => parent.Indent >= indent);
            open.Add((indent, line.Groups[2].Value));
            yield return string.Join('.', open.Select(static parent => parent.Name));
        }
    }

    [GeneratedRegex(@"^( +)'?([A-Za-z-]+)'?:", RegexOptions.Multiline)]
    private static partial Regex Property();
}
