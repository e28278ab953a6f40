using System.Globalization;
using System.Text;

namespace FlaskStack.Deployment.ContainerApps;

/// <summary>Writes the Bicep module of a container app. The output is deterministic.</summary>
internal static class ContainerAppBicep
{
    public const string EnvironmentId = "outputs_azure_container_apps_environment_id";
    public const string RegistryEndpoint = "outputs_azure_container_registry_endpoint";
    public const string RegistryIdentity = "outputs_azure_container_registry_managed_identity_id";
    public const string ClientId = "outputs_managed_identity_client_id";

    public static string ImageOf(string name) => $"{Identifier(name)}_containerimage";

    public static string PortOf(string name) => $"{Identifier(name)}_containerport";

    public static string Write(ContainerApp app)
    {
        var image = ImageOf(app.Name);
        var port = PortOf(app.Name);
        var text = new StringBuilder();
        text.Append("// Written by FlaskStack.Deployment from the AppHost's model. Without it azd would run one to ten replicas.\n");
        text.Append("param location string = resourceGroup().location\n\n");
        foreach (var parameter in new[] { EnvironmentId, RegistryEndpoint, RegistryIdentity, ClientId, image, port })
        {
            text.Append(CultureInfo.InvariantCulture, $"param {parameter} string\n");
        }

        foreach (var variable in app.Environment
            .Where(static variable => variable.Kind is ContainerAppVariableKind.Expression or ContainerAppVariableKind.Secret))
        {
            text.Append(variable.Kind == ContainerAppVariableKind.Secret ? "\n@secure()" : string.Empty);
            text.Append(CultureInfo.InvariantCulture, $"\nparam {variable.Parameter} string\n");
        }

        text.Append(CultureInfo.InvariantCulture, $$"""

            resource {{Identifier(app.Name)}} 'Microsoft.App/containerApps@2025-02-02-preview' = {
              name: {{Quote(app.Name)}}
              location: location
              identity: {
                type: 'UserAssigned'
                userAssignedIdentities: {
                  '${{{RegistryIdentity}}}': {}
                }
              }
              properties: {
                environmentId: {{EnvironmentId}}
                configuration: {
                  activeRevisionsMode: 'Single'
                  ingress: {
                    external: {{Boolean(app.IsExternal)}}
                    targetPort: int({{port}})
                    transport: {{Quote(app.IsHttp2 ? "http2" : "http")}}
                    allowInsecure: {{Boolean(app.IsHttp2 || !app.IsExternal)}}
                  }
                  registries: [
                    {
                      server: {{RegistryEndpoint}}
                      identity: {{RegistryIdentity}}
                    }
                  ]
                  runtime: {
                    dotnet: {
                      autoConfigureDataProtection: true
                    }
                  }
            {{Secrets(app)}}    }
                template: {
                  terminationGracePeriodSeconds: {{app.StopSeconds}}
                  containers: [
                    {
                      name: {{Quote(app.Name)}}
                      image: {{image}}
            {{Probes(app, port)}}          env: [
            {{Environment(app, port)}}          ]
                    }
                  ]
                  scale: {
                    minReplicas: {{app.MinReplicas}}
                    maxReplicas: {{app.MaxReplicas}}
                  }
                }
              }
              tags: {
                'azd-service-name': {{Quote(app.Name)}}
                'aspire-resource-name': {{Quote(app.Name)}}
              }
            }

            """);
        return text.ToString();
    }

    private static string Secrets(ContainerApp app)
    {
        var secrets = app.Environment.Where(static variable => variable.Kind == ContainerAppVariableKind.Secret)
            .Select(static variable =>
                $"        {{\n          name: {Quote(variable.Secret)}\n          value: {variable.Parameter}\n        }}\n")
            .ToArray();
        return secrets.Length == 0 ? string.Empty : $"      secrets: [\n{string.Concat(secrets)}      ]\n";
    }

    private static string Probes(ContainerApp app, string port) => app.Probes.IsEmpty
        ? string.Empty
        : $"          probes: [\n{string.Concat(app.Probes.Select(probe => Probe(probe, port)))}          ]\n";

    private static string Probe(ContainerAppProbe probe, string port) => string.Create(CultureInfo.InvariantCulture, $$"""
                    {
                      type: {{Quote(probe.Type)}}
                      httpGet: {
                        path: {{Quote(probe.Path)}}
                        port: int({{port}})
                      }
                      periodSeconds: {{probe.Period}}
                      timeoutSeconds: {{probe.Timeout}}
                      failureThreshold: {{probe.Failures}}
                    }

        """);

    /// <summary>The environment variables; Azure's libraries find the identity of the app by the last one.</summary>
    private static string Environment(ContainerApp app, string port) => string.Concat(app.Environment
        .Select(variable => (variable.Name, Value: Value(variable, port)))
        .Append((Name: "AZURE_CLIENT_ID", Value: $"value: {ClientId}"))
        .Select(static variable =>
            $"            {{\n              name: {Quote(variable.Name)}\n              {variable.Value}\n            }}\n"));

    private static string Value(ContainerAppVariable variable, string port) => variable.Kind switch
    {
        ContainerAppVariableKind.Text => $"value: {Quote(variable.Value)}",
        ContainerAppVariableKind.Port => $"value: {port}",
        ContainerAppVariableKind.Secret => $"secretRef: {Quote(variable.Secret)}",
        _ => $"value: {variable.Parameter}",
    };

    private static string Identifier(string name) => name.Replace('-', '_');

    private static string Boolean(bool value) => value ? "true" : "false";

    private static string Quote(string text)
    {
        var escaped = text
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("'", "\\'", StringComparison.Ordinal)
            .Replace("${", "\\${", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        return $"'{escaped}'";
    }
}
