using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes a whole model as a manifest: every resource in the order it was added, then those that only others name.</summary>
internal static class ManifestWriter
{
    private const string Schema = "https://json.schemastore.org/aspire-8.0.json";

    /// <exception cref="DistributedApplicationException">A resource is of a kind that a manifest does not know.</exception>
    public static async Task WriteAsync(DistributedApplicationModel model, ManifestPublishingContext context)
    {
        var writer = context.Writer;
        writer.WriteStartObject();
        writer.WriteString("$schema", Schema);
        writer.WriteStartObject("resources");

        var written = new HashSet<string>(model.Resources.Select(static resource => resource.Name), StringComparer.OrdinalIgnoreCase);
        foreach (var resource in model.Resources)
        {
            await WriteResourceAsync(resource, context).ConfigureAwait(false);
        }

        // What is written last may name more.
        while (context.DependentResources.FirstOrDefault(resource => written.Add(resource.Name)) is { } named)
        {
            await WriteResourceAsync(named, context).ConfigureAwait(false);
        }

        foreach (var formatted in context.FormattedParameters)
        {
            Write(formatted, writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        await writer.FlushAsync(context.CancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteResourceAsync(IResource resource, ManifestPublishingContext context)
    {
        if (WayOf(resource, context) is not { } write)
        {
            return;
        }

        context.Writer.WriteStartObject(resource.Name);
        await write().ConfigureAwait(false);
        context.Writer.WriteEndObject();
    }

    /// <summary>Null for what has no place in a manifest.</summary>
    private static Func<Task>? WayOf(IResource resource, ManifestPublishingContext context)
    {
        if (resource.TryGetLastAnnotation<ManifestPublishingCallbackAnnotation>(out var own))
        {
            return own.Callback is { } callback ? () => callback(context) : null;
        }

        return resource switch
        {
            // A manifest says what there is, not where it goes, nor what is elsewhere.
            IComputeEnvironmentResource or ExternalServiceResource => null,
            ContainerResource container => () => context.WriteContainerAsync(container),
            ProjectResource project => () => WriteProjectAsync(project, context),
            ExecutableResource executable => () => WriteExecutableAsync(executable, context),
            ParameterResource parameter => () => WriteParameter(parameter, context),
            IResourceWithConnectionString => () => WriteValue(resource, context),
            _ => throw new DistributedApplicationException(
                $"A manifest does not know resources of the type {resource.GetType().Name}, such as '{resource.Name}': call WithManifestPublishingCallback, or ExcludeFromManifest to leave it out."),
        };
    }

    private static async Task WriteProjectAsync(ProjectResource project, ManifestPublishingContext context)
    {
        context.Writer.WriteString("type", "project.v0");
        context.Writer.WriteString("path", context.GetManifestRelativePath(project.GetProjectMetadata().ProjectPath));
        await context.WriteCommandLineArgumentsAsync(project).ConfigureAwait(false);
        await context.WriteEnvironmentVariablesAsync(project).ConfigureAwait(false);
        context.WriteBindings(project);
    }

    private static async Task WriteExecutableAsync(ExecutableResource executable, ManifestPublishingContext context)
    {
        context.Writer.WriteString("type", "executable.v0");
        context.WriteConnectionString(executable);
        context.Writer.WriteString("workingDirectory", context.GetManifestRelativePath(executable.WorkingDirectory));
        context.Writer.WriteString("command", executable.Command);
        await context.WriteCommandLineArgumentsAsync(executable).ConfigureAwait(false);
        await context.WriteEnvironmentVariablesAsync(executable).ConfigureAwait(false);
        context.WriteBindings(executable);
    }

    private static Task WriteParameter(ParameterResource parameter, ManifestPublishingContext context)
    {
        var writer = context.Writer;
        writer.WriteString("type", "parameter.v0");
        if (parameter.IsConnectionString)
        {
            writer.WriteString("connectionString", parameter.ValueExpression);
        }

        writer.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        writer.WriteStartObject("inputs");
        writer.WriteStartObject("value");
        writer.WriteString("type", "string");
        if (parameter.Secret)
        {
            writer.WriteBoolean("secret", true);
        }

        if (parameter.Default is { } given)
        {
            writer.WriteStartObject("default");
            given.WriteToManifest(context);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        return Task.CompletedTask;
    }

    private static Task WriteValue(IResource resource, ManifestPublishingContext context)
    {
        context.Writer.WriteString("type", "value.v0");
        context.WriteConnectionString(resource);
        return Task.CompletedTask;
    }

    private static void Write(FormattedParameter formatted, Utf8JsonWriter writer)
    {
        writer.WriteStartObject(formatted.Name);
        writer.WriteString("type", "annotated.string");
        writer.WriteString("value", formatted.Parameter.ValueExpression);
        writer.WriteString("filter", formatted.Format);
        writer.WriteEndObject();
    }
}
