using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Publishing;

/// <summary>A manifest that is being written.</summary>
/// <param name="executionContext">Says that the application is published.</param>
/// <param name="manifestPath">The file that the manifest goes to; paths in it are relative to its folder.</param>
/// <param name="writer">Where the manifest goes.</param>
/// <param name="cancellationToken">Ends the writing.</param>
public sealed class ManifestPublishingContext(DistributedApplicationExecutionContext executionContext, string manifestPath, Utf8JsonWriter writer, CancellationToken cancellationToken = default)
{
    private readonly Dictionary<string, IResource> _dependentResources = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<FormattedParameter> _formattedParameters = [];
    private readonly ManifestPorts _ports = new();

    /// <summary>Says that the application is published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext ?? throw new ArgumentNullException(nameof(executionContext));

    /// <summary>The file that the manifest goes to.</summary>
    public string ManifestPath { get; } = manifestPath ?? throw new ArgumentNullException(nameof(manifestPath));

    /// <summary>Where the manifest goes.</summary>
    public Utf8JsonWriter Writer { get; } = writer ?? throw new ArgumentNullException(nameof(writer));

    /// <summary>Ends the writing.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The resources that what was written so far depends on; whoever writes the manifest adds those that the model lacks.</summary>
    internal IReadOnlyCollection<IResource> DependentResources => _dependentResources.Values;

    /// <summary>The formatted parameters that what was written so far names.</summary>
    internal IReadOnlyList<FormattedParameter> FormattedParameters => _formattedParameters;

    /// <summary>Makes a path relative to the manifest's folder, with forward slashes; null stays null.</summary>
    /// <param name="path">The path.</param>
    [return: NotNullIfNotNull(nameof(path))]
    public string? GetManifestRelativePath(string? path)
    {
        if (path is null)
        {
            return null;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(ManifestPath))!;
        var native = path.Replace('\\', Path.DirectorySeparatorChar).Replace('/', Path.DirectorySeparatorChar);
        return Path.GetRelativePath(folder, Path.GetFullPath(native, folder)).Replace('\\', '/');
    }

    /// <summary>Notes the resources that a value depends on, so that the manifest gets them too.</summary>
    /// <param name="value">The value.</param>
    public void TryAddDependentResources(object? value)
    {
        foreach (var resource in ValueReferences.ResourcesIn(value))
        {
            _dependentResources.TryAdd(resource.Name, resource);
        }
    }

    /// <summary>Writes a container: image or build, entry point, arguments, mounts, environment and bindings.</summary>
    /// <param name="container">The container.</param>
    /// <exception cref="DistributedApplicationException">The container has neither image nor Dockerfile.</exception>
    public async Task WriteContainerAsync(ContainerResource container)
    {
        ArgumentNullException.ThrowIfNull(container);

        if (container.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var build))
        {
            Writer.WriteString("type", "container.v1");
            WriteConnectionString(container);
            WriteBuild(build);
        }
        else
        {
            Writer.WriteString("type", "container.v0");
            WriteConnectionString(container);
            Writer.WriteString("image", container.TryGetContainerImageName(out var image)
                ? image
                : throw new DistributedApplicationException($"Container '{container.Name}' has no image: call WithImage or WithDockerfile."));
        }

        if (container.Entrypoint is not null)
        {
            Writer.WriteString("entrypoint", container.Entrypoint);
        }

        await WriteCommandLineArgumentsAsync(container).ConfigureAwait(false);
        WriteMounts(container);
        await WriteEnvironmentVariablesAsync(container).ConfigureAwait(false);
        WriteBindings(container);
    }

    /// <summary>Writes <c>connectionString</c>, if the resource has one.</summary>
    /// <param name="resource">The resource.</param>
    public void WriteConnectionString(IResource resource)
    {
        if (resource is IResourceWithConnectionString { ConnectionStringExpression: { } connectionString })
        {
            TryAddDependentResources(connectionString);
            Writer.WriteString("connectionString", Expression(connectionString));
        }
    }

    /// <summary>Writes <c>bindings</c>: the endpoints of a resource, with ports where a deployment does not choose them.</summary>
    /// <param name="resource">The resource.</param>
    public void WriteBindings(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        if (!resource.TryGetEndpoints(out var endpoints))
        {
            return;
        }

        Writer.WriteStartObject("bindings");
        foreach (var (endpoint, port, targetPort) in _ports.Assign(resource, endpoints))
        {
            Writer.WriteStartObject(endpoint.Name);
            Writer.WriteString("scheme", endpoint.UriScheme);
            Writer.WriteString("protocol", endpoint.Protocol.ToString().ToLowerInvariant());
            Writer.WriteString("transport", endpoint.Transport);
            WriteNumber("port", port == targetPort ? null : port);
            WriteNumber("targetPort", targetPort);
            if (endpoint.IsExternal)
            {
                Writer.WriteBoolean("external", true);
            }

            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
    }

    /// <summary>Writes <c>env</c>, if the resource has environment variables.</summary>
    /// <param name="resource">The resource.</param>
    public async Task WriteEnvironmentVariablesAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        var variables = await ConfigurationResolver.CollectVariablesAsync(resource, ExecutionContext, NullLogger.Instance, CancellationToken).ConfigureAwait(false);
        if (variables.Count == 0)
        {
            return;
        }

        Writer.WriteStartObject("env");
        foreach (var (name, value) in variables)
        {
            TryAddDependentResources(value);
            Writer.WriteString(name, Expression(value));
        }

        Writer.WriteEndObject();
    }

    /// <summary>Writes <c>args</c>, if the resource has arguments.</summary>
    /// <param name="resource">The resource.</param>
    public async Task WriteCommandLineArgumentsAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        var arguments = await ConfigurationResolver.CollectArgumentsAsync(resource, ExecutionContext, NullLogger.Instance, CancellationToken).ConfigureAwait(false);
        if (arguments.Count == 0)
        {
            return;
        }

        Writer.WriteStartArray("args");
        foreach (var argument in arguments)
        {
            TryAddDependentResources(argument);
            Writer.WriteStringValue(Expression(argument));
        }

        Writer.WriteEndArray();
    }

    private string? Expression(object? value) => value switch
    {
        null => null,
        string text => text,
        ReferenceExpression expression => Expression(expression),
        IManifestExpressionProvider provider => provider.ValueExpression,
        IResourceBuilder<IResource> { Resource: IManifestExpressionProvider provider } => provider.ValueExpression,
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private string Expression(ReferenceExpression expression)
    {
        var values = expression.ValueProviders.Select((provider, index) => expression.StringFormats[index] is { Length: > 0 } format && provider is ParameterResource parameter
            ? $"{{{Formatted(parameter, format).Name}.value}}"
            : expression.ManifestExpressions[index]);
        return string.Format(CultureInfo.InvariantCulture, expression.Format, [.. values]);
    }

    private FormattedParameter Formatted(ParameterResource parameter, string format)
    {
        if (_formattedParameters.Find(known => known.Parameter == parameter && known.Format == format) is { } known)
        {
            return known;
        }

        var formatted = new FormattedParameter($"{parameter.Name}-{format}-encoded", parameter, format);
        _formattedParameters.Add(formatted);
        return formatted;
    }

    private void WriteBuild(DockerfileBuildAnnotation build)
    {
        Writer.WriteStartObject("build");
        Writer.WriteString("context", GetManifestRelativePath(build.ContextPath));
        Writer.WriteString("dockerfile", GetManifestRelativePath(build.DockerfilePath));
        if (build.Stage is not null)
        {
            Writer.WriteString("stage", build.Stage);
        }

        if (!build.HasEntrypoint)
        {
            Writer.WriteBoolean("buildOnly", true);
        }

        WriteBuildArguments(build);
        WriteBuildSecrets(build);
        Writer.WriteEndObject();
    }

    private void WriteBuildArguments(DockerfileBuildAnnotation build)
    {
        if (build.BuildArguments.Count == 0)
        {
            return;
        }

        Writer.WriteStartObject("args");
        foreach (var (name, value) in build.BuildArguments)
        {
            TryAddDependentResources(value);
            Writer.WriteString(name, Expression(value));
        }

        Writer.WriteEndObject();
    }

    private void WriteBuildSecrets(DockerfileBuildAnnotation build)
    {
        if (build.BuildSecrets.Count == 0)
        {
            return;
        }

        Writer.WriteStartObject("secrets");
        foreach (var (name, value) in build.BuildSecrets)
        {
            TryAddDependentResources(value);
            Writer.WriteStartObject(name);
            if (value is FileInfo file)
            {
                Writer.WriteString("type", "file");
                Writer.WriteString("source", GetManifestRelativePath(file.FullName));
            }
            else
            {
                Writer.WriteString("type", "env");
                Writer.WriteString("value", Expression(value));
            }

            Writer.WriteEndObject();
        }

        Writer.WriteEndObject();
    }

    private void WriteMounts(ContainerResource container)
    {
        var mounts = container.Annotations.OfType<ContainerMountAnnotation>().ToLookup(static mount => mount.Type);
        WriteMounts("bindMounts", "source", mounts[ContainerMountType.BindMount].Select(mount => (GetManifestRelativePath(mount.Source), mount)));
        WriteMounts("volumes", "name", mounts[ContainerMountType.Volume].Select(static mount => (mount.Source, mount)));
    }

    private void WriteMounts(string property, string sourceProperty, IEnumerable<(string? Source, ContainerMountAnnotation Mount)> mounts)
    {
        var list = mounts.ToArray();
        if (list.Length == 0)
        {
            return;
        }

        Writer.WriteStartArray(property);
        foreach (var (source, mount) in list)
        {
            Writer.WriteStartObject();
            if (source is not null)
            {
                Writer.WriteString(sourceProperty, source);
            }

            Writer.WriteString("target", mount.Target.Replace('\\', '/'));
            Writer.WriteBoolean("readOnly", mount.IsReadOnly);
            Writer.WriteEndObject();
        }

        Writer.WriteEndArray();
    }

    private void WriteNumber(string name, int? value)
    {
        if (value is not null)
        {
            Writer.WriteNumber(name, value.Value);
        }
    }
}
