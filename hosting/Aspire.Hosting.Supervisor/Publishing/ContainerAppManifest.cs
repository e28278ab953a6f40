using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Publishing;

/// <summary>
/// Writes a supervised project into a manifest with a Bicep module of its own, beside the manifest: a project has no replicas in a
/// manifest otherwise, and azd would choose how many there are.
/// </summary>
internal static class ContainerAppManifest
{
    /// <summary>Container Apps wait no longer.</summary>
    private const int LongestStopSeconds = 600;

    public static async Task WriteAsync(ProjectResource project, SupervisorOptions options, ManifestPublishingContext context)
    {
        var app = await AppAsync(project, options, context).ConfigureAwait(false);
        var module = $"{project.Name}.module.bicep";
        WriteModule(Path.Join(Path.GetDirectoryName(Path.GetFullPath(context.ManifestPath)), module), ContainerAppBicep.Write(app));

        context.Writer.WriteString("type", "project.v1");
        context.Writer.WriteString("path", context.GetManifestRelativePath(project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath));
        WriteDeployment(app, module, context);
        await context.WriteCommandLineArgumentsAsync(project).ConfigureAwait(false);
        await context.WriteEnvironmentVariablesAsync(project).ConfigureAwait(false);
        context.WriteBindings(project);
    }

    private static async Task<ContainerApp> AppAsync(ProjectResource project, SupervisorOptions options, ManifestPublishingContext context)
    {
        var replicas = project.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
        var endpoints = project.Annotations.OfType<EndpointAnnotation>().ToArray();
        return new ContainerApp(
            project.Name,
            replicas,
            Math.Max(replicas, options.MaxReplicas),
            Math.Min(LongestStopSeconds, (int)Math.Ceiling(options.StopWaitSeconds)),
            endpoints.Any(static endpoint => endpoint.IsExternal),
            endpoints.Any(static endpoint => endpoint.Transport == "http2"),
            [.. (await VariablesAsync(project, context).ConfigureAwait(false)).Select(variable => VariableOf(project, variable.Key, variable.Value))]);
    }

    private static async Task<IReadOnlyDictionary<string, object>> VariablesAsync(ProjectResource project, ManifestPublishingContext context)
    {
        var variables = new EnvironmentCallbackContext(context.ExecutionContext, project, cancellationToken: context.CancellationToken);
        foreach (var callback in project.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await callback.Callback(variables).ConfigureAwait(false);
        }

        return variables.EnvironmentVariables;
    }

    private static ContainerAppVariable VariableOf(ProjectResource project, string name, object value)
    {
        if (value is not IManifestExpressionProvider provider)
        {
            return new(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty, ContainerAppVariableKind.Text);
        }

        var expression = provider.ValueExpression;
        var isOwnPort = project.Annotations.OfType<EndpointAnnotation>().Any(endpoint => expression == $"{{{project.Name}.bindings.{endpoint.Name}.targetPort}}");
        return new(name, expression, isOwnPort ? ContainerAppVariableKind.Port : IsSecret(value) ? ContainerAppVariableKind.Secret : ContainerAppVariableKind.Expression);
    }

    private static bool IsSecret(object value) => value switch
    {
        ParameterResource parameter => parameter.Secret,
        ConnectionStringReference or IResourceWithConnectionString => true,
        ReferenceExpression expression => expression.ValueProviders.Any(IsSecret),
        _ => false,
    };

    private static void WriteModule(string path, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"'{path}' cannot be written: {e.Message}", e);
        }
    }

    private static void WriteDeployment(ContainerApp app, string module, ManifestPublishingContext context)
    {
        var writer = context.Writer;
        writer.WriteStartObject("deployment");
        writer.WriteString("type", "azure.bicep.v0");
        writer.WriteString("path", module);
        writer.WriteStartObject("params");
        writer.WriteString(ContainerAppBicep.EnvironmentId, "{.outputs.AZURE_CONTAINER_APPS_ENVIRONMENT_ID}");
        writer.WriteString(ContainerAppBicep.RegistryEndpoint, "{.outputs.AZURE_CONTAINER_REGISTRY_ENDPOINT}");
        writer.WriteString(ContainerAppBicep.RegistryIdentity, "{.outputs.AZURE_CONTAINER_REGISTRY_MANAGED_IDENTITY_ID}");
        writer.WriteString(ContainerAppBicep.ClientId, "{.outputs.MANAGED_IDENTITY_CLIENT_ID}");
        writer.WriteString(ContainerAppBicep.ImageOf(app.Name), $"{{{app.Name}.containerImage}}");
        writer.WriteString(ContainerAppBicep.PortOf(app.Name), $"{{{app.Name}.containerPort}}");
        foreach (var variable in app.Environment.Where(static variable => variable.Kind is ContainerAppVariableKind.Expression or ContainerAppVariableKind.Secret))
        {
            writer.WriteString(variable.Parameter, variable.Value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
