using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Deployment.Model;

/// <summary>A value at the time of publishing: text, with parameters that are filled in at deployment.</summary>
/// <param name="Parts">Its pieces, in order.</param>
internal sealed record PublishedValue(ImmutableArray<PublishedPart> Parts)
{
    /// <summary>The parameters in it.</summary>
    public IEnumerable<PublishedParameter> Parameters => Parts.Select(static part => part.Parameter).OfType<PublishedParameter>();

    /// <summary>The whole value, or null when a parameter is in it.</summary>
    public string? Literal =>
        Parts.Any(static part => part.Parameter is not null) ? null : Render(static text => text, static _ => string.Empty);

    public static PublishedValue Of(string text) => new([new PublishedPart(text)]);

    /// <summary>Writes the value.</summary>
    /// <param name="text">Writes a text.</param>
    /// <param name="parameter">Writes the placeholder of a parameter.</param>
    public string Render(Func<string, string> text, Func<PublishedParameter, string> parameter) =>
        string.Concat(Parts.Select(part => part.Parameter is { } given ? parameter(given) : text(part.Text)));
}

/// <summary>A piece of a value: a text, or a parameter.</summary>
/// <param name="Text">The text; empty for a parameter.</param>
/// <param name="Parameter">The parameter, or null for a text.</param>
internal readonly record struct PublishedPart(string Text, PublishedParameter? Parameter = null);

/// <summary>A parameter, whose value is given at deployment.</summary>
/// <param name="Name">The name of the parameter.</param>
/// <param name="IsSecret">Whether it may only be written to the file of secrets.</param>
/// <param name="IsEscaped">Whether its value must be escaped for a URL.</param>
/// <param name="Description">Its description, or null.</param>
internal sealed record PublishedParameter(string Name, bool IsSecret, bool IsEscaped, string? Description)
{
    /// <summary>The name under which its value is stored; the value escaped for URLs is stored separately.</summary>
    public string Key => IsEscaped ? $"{Name}-uri" : Name;

    /// <summary>The name of its environment variable.</summary>
    public string Variable => Model.Variable.NameFrom(Key);
}

/// <summary>An environment variable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal sealed record Variable(string Name, PublishedValue Value)
{
    /// <summary>The name as an environment variable: upper-case letters, digits and underscores.</summary>
    public static string NameFrom(string name) =>
        string.Concat(name.Select(static character => char.IsAsciiLetterOrDigit(character) ? char.ToUpperInvariant(character) : '_'));
}

/// <summary>The properties of a project file that matter for publishing.</summary>
/// <param name="File">The full path of the project file.</param>
/// <param name="AssemblyName">The name of the executable.</param>
/// <param name="IsNative">Whether it is published as native code (<c>PublishAot</c>).</param>
internal sealed record PublishedProject(string File, string AssemblyName, bool IsNative)
{
    /// <exception cref="DistributedApplicationException">The project file cannot be read.</exception>
    public static PublishedProject Read(ProjectResource project)
    {
        var file = project.GetProjectMetadata().ProjectPath;
        try
        {
            var document = XDocument.Load(file);
            return new PublishedProject(
                file,
                Property(document, "AssemblyName") ?? Path.GetFileNameWithoutExtension(file),
                string.Equals(Property(document, "PublishAot"), "true", StringComparison.OrdinalIgnoreCase));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or XmlException)
        {
            throw new DistributedApplicationException(
                $"Project '{project.Name}' cannot be published: '{file}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>A property without a condition, which only the build could evaluate.</summary>
    private static string? Property(XDocument document, string name) => document.Descendants()
        .LastOrDefault(element => element.Name.LocalName == name
            && element.Parent?.Name.LocalName == "PropertyGroup" && element.Attribute("Condition") is null)
        ?.Value.Trim();
}

/// <summary>An HTTP health check of a resource.</summary>
/// <param name="Endpoint">The endpoint that is checked.</param>
/// <param name="Path">The path.</param>
/// <param name="Status">The status code of a good answer.</param>
internal sealed partial record HttpProbe(EndpointAnnotation Endpoint, string Path, int Status = 200)
{
    /// <summary>The check whether it takes requests, of <c>WithHttpProbe</c>, else of <c>WithHttpHealthCheck</c>, or null.</summary>
    public static HttpProbe? Readiness(IResource resource) => Probe(resource, ProbeType.Readiness)
        ?? resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => FromKey(resource, check.Key))
            .FirstOrDefault(static probe => probe is not null);

    /// <summary>The check whether it works at all, of <c>WithHttpProbe</c>, or null.</summary>
    private static HttpProbe? Liveness(IResource resource) => Probe(resource, ProbeType.Liveness);

    /// <summary>The path at which it says that it works at all; a project with the usual service defaults has one.</summary>
    public static string? AlivePath(IResource resource, HttpProbe ready) =>
        Liveness(resource)?.Path ?? (ready.Path == "/health" && resource is ProjectResource ? "/alive" : null);

    private static HttpProbe? Probe(IResource resource, ProbeType type) => resource.Annotations.OfType<EndpointProbeAnnotation>()
        .Where(probe => probe.Type == type)
        .Select(static probe => new HttpProbe(probe.EndpointReference.EndpointAnnotation, probe.Path))
        .LastOrDefault();

    /// <summary>Reads a check from its key, <c>{resource}_{endpoint}_{path}_{status}_check</c>.</summary>
    /// <remarks><c>WithHttpHealthCheck</c> adds nothing else to the model.</remarks>
    private static HttpProbe? FromKey(IResource resource, string key)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var start = $"{resource.Name}_{endpoint.Name}_";
            if (key.StartsWith(start, StringComparison.OrdinalIgnoreCase)
                && PathAndStatus().Match(key[start.Length..]) is { Success: true } match)
            {
                return new HttpProbe(
                    endpoint, $"/{match.Groups["path"].Value}", int.Parse(match.Groups["status"].Value, CultureInfo.InvariantCulture));
            }
        }

        return null;
    }

    [GeneratedRegex("^/?(?<path>.*)_(?<status>[0-9]{3})_check$")]
    private static partial Regex PathAndStatus();
}

/// <summary>A published file.</summary>
/// <param name="Path">Its path below the output folder, with forward slashes.</param>
/// <param name="Open">Opens its content.</param>
/// <param name="Mode">Its mode on Unix.</param>
internal sealed record PublishedFile(string Path, Func<Stream> Open, UnixFileMode Mode = PublishedFile.Readable)
{
    /// <summary>Everyone may read it (0644).</summary>
    public const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Everyone may execute it (0755).</summary>
    public const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Only its owner may read it (0600).</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A file with this content.</summary>
    public static PublishedFile Of(string path, byte[] content) => new(path, () => new MemoryStream(content, writable: false));

    /// <summary>A file with this text.</summary>
    public static PublishedFile OfText(string path, string text, UnixFileMode mode = Readable) =>
        Of(path, Encoding.UTF8.GetBytes(text)) with { Mode = mode };

    /// <summary>A copy of a file.</summary>
    public static PublishedFile CopyOf(string path, string source) =>
        new(path, () => File.OpenRead(source), OperatingSystem.IsWindows() ? Readable : File.GetUnixFileMode(source));

    /// <summary>Writes all files into a new or empty folder, or none of them.</summary>
    /// <exception cref="DistributedApplicationException">The folder is not empty, or a file cannot be written.</exception>
    public static async Task WriteAllAsync(string folder, IEnumerable<PublishedFile> files, CancellationToken cancellationToken)
    {
        // Values filled in there, such as secrets, must not be overwritten.
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new DistributedApplicationException(
                $"--output-path is '{folder}', which is not empty. Empty it, or give another folder.");
        }

        var unfinished = $"{System.IO.Path.TrimEndingDirectorySeparator(folder)}.{System.IO.Path.GetRandomFileName()}";
        try
        {
            Directory.CreateDirectory(unfinished);
            foreach (var file in files)
            {
                await file.WriteAsync(System.IO.Path.Combine(unfinished, file.Path), cancellationToken).ConfigureAwait(false);
            }

            if (Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }

            Directory.Move(unfinished, folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The output cannot be written to '{folder}': {exception.Message}", exception);
        }
        finally
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    private async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            // Set at creation, so that a private file is never readable for a moment.
            options.UnixCreateMode = Mode;
        }

        var content = Open();
        await using (content.ConfigureAwait(false))
        {
            var stream = new FileStream(path, options);
            await using (stream.ConfigureAwait(false))
            {
                await content.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
            }
        }

        if (!OperatingSystem.IsWindows())
        {
            // The umask of the process may have removed bits.
            File.SetUnixFileMode(path, Mode);
        }
    }
}
