using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Gunicorn.Configuration;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Gunicorn.Publishing;

/// <summary>A file of a published application.</summary>
/// <param name="Path">Its path below the folder of the publication, with forward slashes.</param>
/// <param name="Content">Its bytes.</param>
public sealed record PublishedGunicornFile(string Path, byte[] Content);

/// <summary>A gunicorn application of the model, for a package that publishes it to a target of its own.</summary>
public sealed class PublishedGunicorn
{
    private readonly IResource _resource;
    private readonly GunicornAnnotation _application;

    private PublishedGunicorn(IResource resource, GunicornAnnotation application) => (_resource, _application) = (resource, application);

    /// <summary>The port on which gunicorn listens, unless <see cref="BindVariable"/> says otherwise.</summary>
    public const int Port = 8000;

    /// <summary>The name of gunicorn's configuration beside the code: the argument of <c>--config</c>.</summary>
    public const string ConfigurationFile = "gunicorn.aspire.py";

    /// <summary>The variable with the address to listen on, as gunicorn's <c>bind</c>: <c>host:port</c> or <c>unix:/path</c>.</summary>
    public const string BindVariable = "GUNICORN_BIND";

    private static readonly string[] LeftOut = ["venv", "__pycache__"];

    /// <summary>All files of a folder, but none that a symbolic link leads to.</summary>
    private static readonly EnumerationOptions NoLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    /// <summary>Whether a resource was added with <c>AddGunicornApp</c>, or stands for one that was.</summary>
    /// <param name="resource">A resource of the model.</param>
    public static bool IsGunicorn(IResource resource) => resource.Annotations.OfType<GunicornAnnotation>().Any();

    /// <summary>The application that a resource is.</summary>
    /// <param name="resource">A resource of which <see cref="IsGunicorn"/> is true.</param>
    /// <exception cref="DistributedApplicationException">It was not added with <c>AddGunicornApp</c>.</exception>
    public static PublishedGunicorn Of(IResource resource) => new(
        resource,
        resource.Annotations.OfType<GunicornAnnotation>().LastOrDefault()
            ?? throw new DistributedApplicationException($"The resource '{resource.Name}' was not added with AddGunicornApp."));

    /// <summary>The module and the variable, such as <c>wsgi:app</c>.</summary>
    public string Application => _application.Application;

    /// <summary>The packages that serving it needs, besides those of its <c>requirements.txt</c>.</summary>
    public IReadOnlyList<string> Packages => [.. _application.Packages];

    /// <summary>
    /// The code and gunicorn's configuration, by their paths. Virtual environments, compiled files and hidden files such as <c>.env</c>
    /// are left out.
    /// </summary>
    /// <exception cref="DistributedApplicationException">A file cannot be read.</exception>
    public IReadOnlyList<PublishedGunicornFile> ReadFiles()
    {
        try
        {
            return
            [
                .. Directory.GetFiles(_application.Folder, "*", NoLinks)
                    .Select(file => (Path: Path.GetRelativePath(_application.Folder, file).Replace('\\', '/'), File: file))
                    .Where(static file => !file.Path.Split('/').Any(static part => part.StartsWith('.') || LeftOut.Contains(part)))
                    .OrderBy(static file => file.Path, StringComparer.Ordinal)
                    .Select(static file => new PublishedGunicornFile(file.Path, File.ReadAllBytes(file.File))),
                new(ConfigurationFile, Encoding.UTF8.GetBytes(Configuration(_resource.Name, _application))),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"'{_resource.Name}' cannot be published: {exception.Message}", exception);
        }
    }

    private static string Configuration(string name, GunicornAnnotation application)
    {
        var path = Path.GetFullPath(application.Options.ConfigurationFile ?? GunicornSettings.UsualFile, application.Folder);
        var own = Path.GetRelativePath(application.Folder, path).Replace('\\', '/');
        if (own.StartsWith("../", StringComparison.Ordinal))
        {
            throw new DistributedApplicationException($"'{name}' cannot be published: {path} is not in its folder.");
        }

        // The working folder of the process is that of the code. A socket is for the group of the proxy, and for nobody else.
        return GunicornSettings.Render(name, application.Options, File.Exists(path) ? own : null, [], $"""
            bind = os.environ.get("{BindVariable}", "0.0.0.0:{Port}")
            umask = 0o007
            if os.path.isdir("/dev/shm"):
                worker_tmp_dir = "/dev/shm"

            """);
    }
}

/// <summary>Publishes an application as a container, and writes what its image is built from.</summary>
internal static class GunicornImage
{
    private const string Dockerfile = "Dockerfile";
    private const string CodeFolder = "app";

    /// <summary>Has the application published as a container.</summary>
    public static IResourceBuilder<GunicornAppResource> Publish(IResourceBuilder<GunicornAppResource> gunicorn)
    {
        var application = gunicorn.ApplicationBuilder;
        var folder = ImageFolder.Of(application, gunicorn.Resource.Name);
        application.Eventing.Subscribe<BeforePublishEvent>((_, _) =>
        {
            Write(folder, gunicorn.Resource);
            return Task.CompletedTask;
        });
        return gunicorn.PublishAsDockerFile(container => container.WithDockerfile(folder));
    }

    /// <summary>The Dockerfile of an application.</summary>
    public static string Render(GunicornAnnotation application, IReadOnlyCollection<PublishedGunicornFile> files)
    {
        var packages = string.Join(' ', application.Packages);
        var hasRequirements = files.Any(static file => file.Path == "requirements.txt");
        var install = hasRequirements
            ? $"""
                COPY {CodeFolder}/requirements.txt ./
                RUN pip install --no-cache-dir -r requirements.txt {packages}
                COPY {CodeFolder}/ ./
                """
            : $"""
                COPY {CodeFolder}/ ./
                RUN pip install --no-cache-dir {(files.Any(static file => file.Path == "pyproject.toml") ? ". " : "")}{packages}
                """;
        return $"""
            # Written by the AppHost; publish again to change it.
            FROM docker.io/library/python:3.13-slim
            ENV PYTHONUNBUFFERED=1
            WORKDIR /app

            {install}

            # gunicorn needs no root: it opens no port below 1024, and writes to /dev/shm only.
            USER 65534:65534
            EXPOSE {PublishedGunicorn.Port}
            CMD ["gunicorn", "--config", "{PublishedGunicorn.ConfigurationFile}", "{application.Application}"]

            """;
    }

    /// <summary>Writes what the image is built from, and deletes everything else in the folder.</summary>
    private static void Write(string folder, GunicornAppResource resource)
    {
        var files = PublishedGunicorn.Of(resource).ReadFiles();
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            foreach (var file in files)
            {
                var path = Path.Join(folder, CodeFolder, file.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, file.Content);
            }

            File.WriteAllText(Path.Join(folder, Dockerfile), Render(resource.Annotations.OfType<GunicornAnnotation>().Last(), files));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException(
                $"The image of '{resource.Name}' cannot be prepared in {folder}: {exception.Message}", exception);
        }
    }
}
