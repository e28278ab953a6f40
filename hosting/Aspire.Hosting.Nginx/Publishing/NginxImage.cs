using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Publishing;

/// <summary>The files below <c>/etc/nginx</c> with which a container of nginx's own image does what the AppHost asked for.</summary>
internal static class NginxImage
{
    public const string Registry = "docker.io";

    public const string Name = "library/nginx";

    public const string Tag = "1.28-alpine";

    /// <summary>The port of nginx in its container, where it is not root.</summary>
    public const int Port = 8080;

    /// <summary>The port for TLS of nginx in its container.</summary>
    public const int HttpsPort = 8443;

    /// <summary>The template that the entry point of the image turns into the configuration.</summary>
    public const string TemplateFile = "templates/nginx.conf.template";

    /// <summary>The folder that the files belong to.</summary>
    public const string Folder = "/etc/nginx";

    /// <summary>The place of a folder with static files.</summary>
    public static string StaticFolder(int index) => $"{Folder}/{NginxPublication.StaticFolder(index)}";

    /// <summary>The only folder in which nginx writes; the configuration is in it, once the entry point has written it.</summary>
    public const string WritableFolder = "/tmp";

    private static readonly NginxRunPaths Paths = new(Folder)
    {
        ProcessIdFile = $"{WritableFolder}/nginx.pid",
        TemporaryFolder = WritableFolder,
        CacheFolder = $"{WritableFolder}/cache",
        UserFile = $"{WritableFolder}/users",
    };

    /// <summary>The files, in a fixed order: the same options give the same bytes.</summary>
    /// <param name="nginx">The resource that <c>AddNginx</c> added, or what stands for it when publishing.</param>
    /// <param name="configure">Changes what depends on the place in which it runs; null changes nothing.</param>
    /// <param name="endsTls">Whether nginx ends TLS there, with the certificate of two parameters.</param>
    /// <exception cref="DistributedApplicationException">An upstream has no endpoint, or a file cannot be read.</exception>
    public static IReadOnlyList<PublishedNginxFile> FilesFor(
        IResource nginx, Func<NginxConfiguration, NginxConfiguration>? configure = null, bool endsTls = false)
    {
        var publication = NginxPublication.Read(nginx, Paths);
        publication = publication with { Configuration = configure?.Invoke(publication.Configuration) ?? publication.Configuration };
        if (endsTls)
        {
            publication = publication with
            {
                Configuration = publication.Configuration with
                {
                    Tls = new(new(HttpsPort, ["*"]), TlsFile(CertificateName), TlsFile(KeyName))
                    {
                        PublicPort = NginxPublication.HttpsPortOf(nginx) ?? NginxPublication.UsualHttpsPort,
                    },
                },
            };
        }

        return
        [
            new(TemplateFile, Encoding.UTF8.GetBytes(Template(publication))),
            .. endsTls ? TlsTemplates : [],
            .. publication.Configuration.BasicAuth is { } auth
                ? [new(
                    "templates/users.template",
                    Encoding.UTF8.GetBytes($"{auth.User}:{{PLAIN}}{NginxVariables.Placeholder(NginxVariables.Password)}\n"))]
                : Array.Empty<PublishedNginxFile>(),
            .. publication.Files,
        ];
    }

    private const string CertificateName = "tls-certificate.pem";
    private const string KeyName = "tls-key.pem";

    /// <summary>Templates that hold nothing but a variable: the entry point writes its value into the writable folder.</summary>
    private static IEnumerable<PublishedNginxFile> TlsTemplates =>
    [
        new($"templates/{CertificateName}.template", Encoding.UTF8.GetBytes(NginxVariables.Placeholder(NginxVariables.Certificate) + "\n")),
        new($"templates/{KeyName}.template", Encoding.UTF8.GetBytes(NginxVariables.Placeholder(NginxVariables.Key) + "\n")),
    ];

    private static string TlsFile(string name) => $"{WritableFolder}/{name}";

    /// <summary>How much sooner nginx ends its workers than its container is ended.</summary>
    public static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(5);

    /// <summary>How long the workers of an nginx in a container have for their requests when it ends.</summary>
    public static TimeSpan ShutdownOf(IResource nginx) =>
        NginxPublication.TimeoutsOf(nginx).Shutdown ?? NginxConfigRenderer.ShutdownOfContainer;

    /// <summary>The whole configuration, with placeholders for <see cref="NginxVariables"/>.</summary>
    private static string Template(NginxPublication publication)
    {
        var workers = publication.Configuration.Workers;
        // A container starts with a low limit of open files that nginx may raise, up to a hard limit that is not known here.
        var sizing = WorkerSizing.Fit(workers.Connections, workers.Processes ?? 1, hardLimit: null);
        var configuration = publication.Configuration with
        {
            Listen = publication.Configuration.Listen ?? new NginxListen(Port, ["*"]),
            Workers = workers with { User = null, Group = null, Connections = sizing.Connections },
            OpenFilesLimit = sizing.OpenFiles,
            IsContainer = true,
        };
        var upstreams = publication.Sources.GroupBy(static source => source.Name).Select(UpstreamOf);
        return NginxConfigRenderer.Render(configuration, publication.Paths, [.. upstreams, .. publication.Externals]);
    }

    private static NginxUpstream UpstreamOf(IGrouping<string, UpstreamSource> sources)
    {
        var endpoint = sources.First().ResolveEndpoint();
        return new(
            sources.Key,
            endpoint.UriScheme,
            [.. sources.Select(static source => NginxVariables.Placeholder(NginxVariables.AddressOf(source.OwnName)))])
        {
            IsHttp2 = UpstreamSource.IsHttp2(endpoint),
        };
    }
}

/// <summary>
/// The folder that the image of nginx is built from: the Dockerfile, and below <c>nginx</c> what goes to <c>/etc/nginx</c>. It stays
/// after publishing, because tools such as azd build the image later.
/// </summary>
internal static class BuildContext
{
    public const string Dockerfile = "Dockerfile";

    private const string FilesFolder = "nginx";

    /// <summary>Writes what nginx needs and deletes everything else. A file that is right already is not written again.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="dockerfile">The Dockerfile.</param>
    /// <param name="nginx">The resource.</param>
    /// <param name="endsTls">Whether nginx ends TLS itself, as no ingress is in front.</param>
    /// <exception cref="DistributedApplicationException">A file cannot be read or written.</exception>
    public static void Write(string folder, string dockerfile, IResource nginx, bool endsTls = false)
    {
        var files = NginxImage.FilesFor(nginx, endsTls: endsTls)
            .ToDictionary(file => Path.Join(folder, FilesFolder, file.Path), static file => file.Content);
        try
        {
            files.Add(Path.Join(folder, Dockerfile), [.. File.ReadAllBytes(dockerfile), .. CopiesOf(nginx)]);
            foreach (var (path, content) in files)
            {
                Write(path, content);
            }

            foreach (var stray in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(path => !files.ContainsKey(path)))
            {
                File.Delete(stray);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The image of nginx cannot be prepared in {folder}: {e.Message}", e);
        }
    }

    /// <summary>The lines that copy files out of other images, which the builder knows by the names of their resources.</summary>
    private static byte[] CopiesOf(IResource nginx)
    {
        var lines = NginxPublication.ConfigurationOf(nginx).StaticFiles
            .Where(static files => files.Source is not null)
            .SelectMany(static files => files.Source!.Annotations.OfType<ContainerFilesSourceAnnotation>()
                .Select(source => $"\nCOPY --from={files.Source.Name.ToLowerInvariant()} {source.SourcePath} {files.Folder}\n"));
        return Encoding.UTF8.GetBytes(string.Concat(lines));
    }

    private static void Write(string path, byte[] content)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }
}

/// <summary>Publishes nginx as a container, and writes what its image is built from.</summary>
internal static class NginxImagePublisher
{
    public static IResourceBuilder<NginxResource> Publish(IResourceBuilder<NginxResource> nginx, NginxAnnotation options, string dockerfile)
    {
        var application = nginx.ApplicationBuilder;
        var folder = ImageFolder.Of(application, nginx.Resource.Name);
        application.Eventing.Subscribe<BeforePublishEvent>((_, _) =>
        {
            BuildContext.Write(folder, dockerfile, nginx.Resource, HasCertificate(options) && !HasIngress(application));
            return Task.CompletedTask;
        });

        return nginx
            .PublishAsDockerFile(container => container.WithDockerfile(folder))
            .WithEnvironment(context => AddVariables(context, nginx.Resource, options, HasIngress(application)));
    }

    /// <summary>Without a compute environment azd deploys to Container Apps, where only the ingress reaches nginx, and ends TLS.</summary>
    private static bool HasIngress(IDistributedApplicationBuilder application) =>
        !application.Resources.OfType<IComputeEnvironmentResource>().Any();

    private static bool HasCertificate(NginxAnnotation options) => options.Configuration.TlsOptions?.Certificate is not null;

    private static void AddVariables(
        EnvironmentCallbackContext context, NginxResource nginx, NginxAnnotation options, bool hasIngress)
    {
        if (hasIngress)
        {
            NginxPublication.RefuseClusters(nginx, "Container Apps, where the ingress finds each by its name");
            NginxPublication.RefuseOtherImages(nginx, "azd, which builds each image by itself,");
            NginxPublication.RefuseSelection(nginx, "Container Apps", "leave it out, and turn on session affinity of the ingress there.");
            NginxPublication.RefuseAcmeChallenge(
                nginx, "Container Apps", "leave it out, and give the ingress a managed certificate, which renews itself.");
        }

        foreach (var source in options.Sources)
        {
            var endpoint = new EndpointReference(source.Resource, source.ResolveEndpoint());
            context.EnvironmentVariables[NginxVariables.AddressOf(source.OwnName)] = endpoint.Property(EndpointProperty.HostAndPort);
            context.EnvironmentVariables.TryAdd(NginxVariables.HostOf(source.Name), endpoint.Property(EndpointProperty.Host));
        }

        if (options.Configuration.BasicAuth is { } auth)
        {
            context.EnvironmentVariables[NginxVariables.Password] = auth.Password;
        }

        if (options.Configuration.TlsOptions is { Certificate.Resource: var certificate, PrivateKey.Resource: var key } && !hasIngress)
        {
            context.EnvironmentVariables[NginxVariables.Certificate] = certificate;
            context.EnvironmentVariables[NginxVariables.Key] = key;
        }

        if (hasIngress)
        {
            context.EnvironmentVariables[NginxVariables.TrustedProxy] = NginxVariables.Everybody;
        }
    }
}
