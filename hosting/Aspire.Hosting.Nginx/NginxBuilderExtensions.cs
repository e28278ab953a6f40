using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Nginx.Runtime;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds nginx to an application and says what it does.</summary>
public static class NginxBuilderExtensions
{
    private const string ReloadCommand = "reload";

    /// <summary>What the rest of an application needs to stop, beyond the time nginx is given.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Adds nginx, run as a local process. It is found on the machine, or fetched from the distribution into a per-user cache;
    /// it writes nothing outside a temporary folder of its own.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="name">The name of the resource.</param>
    /// <param name="port">The port it listens on, on the loopback interface; null or 0 picks an unused one. Range 0 to 65,535.</param>
    /// <returns>A builder for the resource.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="port"/> is no port.</exception>
    /// <exception cref="PlatformNotSupportedException">The application runs on Windows, where nginx lacks Unix sockets and signals.</exception>
    /// <example>
    /// <code>
    /// builder.AddNginx("nginx", port: 8080).WithReverseProxy("/", api).WaitFor(api);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> AddNginx(this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (port is < 0 or > 65_535)
        {
            throw new ArgumentOutOfRangeException(nameof(port), port, "The port of nginx must be from 1 to 65535, or 0 for any unused one.");
        }

        var options = new NginxAnnotation { Port = port is 0 ? null : port };
        var (listenPort, targetPort) = Ports(builder, port);
        var nginx = builder.AddResource(new NginxResource(name, "nginx", builder.AppHostDirectory))
            .WithAnnotation(options)
            .WithHttpEndpoint(port: listenPort, targetPort: targetPort, name: NginxResource.PrimaryEndpointName, isProxied: false)
            .WithIconName("ArrowRouting")
            .WithHttpHealthCheck(NginxConfiguration.HealthPath, endpointName: NginxResource.PrimaryEndpointName);

        if (!builder.ExecutionContext.IsRunMode)
        {
            return nginx;
        }

        return OperatingSystem.IsWindows()
            ? throw new PlatformNotSupportedException("AddNginx runs nginx on Linux and macOS; on Windows, run the AppHost inside WSL.")
            : RunLocally(nginx, options);
    }

    /// <summary>Passes a path, and everything below it, to the members of a resource that are running and healthy.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="path">The path, beginning with <c>/</c>; the resource sees it unchanged.</param>
    /// <param name="resource">The resource, with all its replicas.</param>
    /// <param name="endpointName">The endpoint meant; by default the one named http, else the first HTTP one.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">The path is malformed or taken.</exception>
    /// <example>
    /// <code>
    /// nginx.WithReverseProxy("/", frontend).WithReverseProxy("/api", api);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithReverseProxy(
        this IResourceBuilder<NginxResource> builder,
        string path,
        IResourceBuilder<IResourceWithEndpoints> resource,
        [EndpointName] string? endpointName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(resource);

        var options = Options(builder);
        var upstream = endpointName is null ? resource.Resource.Name : $"{resource.Resource.Name}_{endpointName}";
        Change(builder, configuration => configuration with { Routes = configuration.Routes.Add(new(path, upstream)) });
        var source = new UpstreamSource(upstream, resource.Resource, endpointName);
        if (options.Sources.Contains(source))
        {
            return builder;
        }

        options.Sources = options.Sources.Add(source);
        return builder.WithReferenceRelationship(resource.Resource);
    }

    /// <summary>Passes a path, and everything below it, to a service outside the application, which is asked by its own host name.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="path">The path, beginning with <c>/</c>; the service sees it unchanged.</param>
    /// <param name="service">The service.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">The path is malformed or taken.</exception>
    /// <example>
    /// <code>
    /// nginx.WithReverseProxy("/geo", builder.AddExternalService("geo", "https://geo.example.com"));
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithReverseProxy(
        this IResourceBuilder<NginxResource> builder,
        string path,
        IResourceBuilder<ExternalServiceResource> service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(service);

        var options = Options(builder);
        var source = new ExternalSource(service.Resource.Name, service.Resource);
        Change(builder, configuration => configuration with { Routes = configuration.Routes.Add(new(path, source.Name)) });
        if (options.Externals.Contains(source))
        {
            return builder;
        }

        options.Externals = options.Externals.Add(source);
        return builder.WithReferenceRelationship(service.Resource);
    }

    /// <summary>
    /// Answers preflights and adds cross-origin headers to every response, errors included. What the resources themselves
    /// say about origins is dropped.
    /// </summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="configure">Builds the policy.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">The policy is contradictory, or names what is no origin, method or header.</exception>
    /// <example>
    /// <code>
    /// nginx.WithCors(cors => cors.AllowAnyOrigin().WithMethods("GET", "POST").WithHeaders("Content-Type"));
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithCors(this IResourceBuilder<NginxResource> builder, Action<NginxCorsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        var cors = new NginxCorsBuilder();
        configure(cors);
        return Change(builder, configuration => configuration with { Cors = cors.Build() });
    }

    /// <summary>Shows a page for errors nginx itself produces, with their status; errors the resources answer pass unchanged.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="file">An HTML file, relative to the AppHost's folder; it must not need other files.</param>
    /// <param name="codes">Status codes from 400 to 599, such as 502, 503 and 504.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">The file cannot be read, or a code is no error or has a page already.</exception>
    /// <example>
    /// <code>
    /// nginx.WithErrorPage("../nginx/50x.html", 500, 502, 503, 504);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithErrorPage(this IResourceBuilder<NginxResource> builder, string file, params int[] codes)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentNullException.ThrowIfNull(codes);

        var path = FullPath(builder, file);
        return ErrorPageFile.ProblemWith(path) is { } problem
            ? throw new DistributedApplicationException(problem)
            : Change(builder, configuration => configuration with { ErrorPages = configuration.ErrorPages.Add(new(path, [.. codes])) });
    }

    /// <summary>
    /// Answers what nginx itself turns away (400, 413, 414 and 429) with problem details of RFC 9457 instead of nginx's HTML, so that
    /// clients of an API read one kind of error. A code that has a page of its own keeps it.
    /// </summary>
    /// <param name="builder">The nginx.</param>
    /// <returns>The builder.</returns>
    /// <example>
    /// <code>
    /// nginx.WithProblemDetails();
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithProblemDetails(this IResourceBuilder<NginxResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        return Change(builder, configuration => configuration with { ProblemDetails = true });
    }

    /// <summary>Serves the files of a folder.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="path">The path below which the files appear, beginning with <c>/</c>.</param>
    /// <param name="folder">The folder, relative to the AppHost's; nginx's workers must be able to read it.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">The path is malformed or taken, or there is no such folder.</exception>
    /// <example>
    /// <code>
    /// nginx.WithStaticFiles("/assets", "../web/dist");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithStaticFiles(this IResourceBuilder<NginxResource> builder, string path, string folder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentException.ThrowIfNullOrEmpty(folder);

        var fullPath = ExistingFolder(builder, folder, nameof(WithStaticFiles));
        return Change(builder, configuration => configuration with { StaticFiles = configuration.StaticFiles.Add(new(path, fullPath)) });
    }

    /// <summary>Limits what one request, and one client, may ask for.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="configure">Changes the limits there are.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">A limit is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithRequestLimits(limits => limits with { MaxBodySize = 10 * 1024 * 1024, RequestsPerSecond = 100, Burst = 200 });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithRequestLimits(this IResourceBuilder<NginxResource> builder, Func<NginxRequestLimits, NginxRequestLimits> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Limits = configure(configuration.Limits) });
    }

    /// <summary>Says how long nginx waits for clients and for the resources behind it.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="configure">Changes the timeouts there are.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">A timeout is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithTimeouts(timeouts => timeouts with { ProxyRead = TimeSpan.FromMinutes(5) });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithTimeouts(this IResourceBuilder<NginxResource> builder, Func<NginxTimeouts, NginxTimeouts> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Timeouts = configure(configuration.Timeouts) });
    }

    /// <summary>Says how requests are spread over the members of a resource, and when a failing one is skipped.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="configure">Changes the settings there are; they hold for every resource behind nginx.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">A setting is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithUpstream(upstream => upstream with { LoadBalancing = NginxLoadBalancing.IpHash });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithUpstream(this IResourceBuilder<NginxResource> builder, Func<NginxUpstreamSettings, NginxUpstreamSettings> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Upstream = configure(configuration.Upstream) });
    }

    /// <summary>Says how many workers nginx has, how many connections each may hold, and whom they run as.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="configure">Changes the settings there are.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">A setting is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithWorkers(workers => workers with { Processes = 2 });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithWorkers(this IResourceBuilder<NginxResource> builder, Func<NginxWorkers, NginxWorkers> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Workers = configure(configuration.Workers) });
    }

    /// <summary>
    /// Says how much of its requests nginx tells: with a dashboard or another OTLP receiver it sends spans, metrics and the lines of
    /// its error log, and its span is the parent of those of the resources.
    /// </summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="configure">Changes the settings there are.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">A setting is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithTelemetry(telemetry => telemetry with { SamplingRatio = 0.001, SlowRequest = TimeSpan.FromMilliseconds(250) });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithTelemetry(this IResourceBuilder<NginxResource> builder, Func<NginxTelemetry, NginxTelemetry> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Telemetry = configure(configuration.Telemetry) });
    }

    /// <summary>Answers for these host names alone; requests for others get 421. Without it, nginx answers for every name.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="names">Host names, or <c>*.example.com</c> for all below one.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">A name is no host name.</exception>
    /// <example>
    /// <code>
    /// nginx.WithServerName("example.com", "*.example.com");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithServerName(this IResourceBuilder<NginxResource> builder, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(names);
        return Change(builder, configuration => configuration with { ServerNames = [.. configuration.ServerNames.Concat(names).Distinct()] });
    }

    /// <summary>Adds directives of your own.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="directives">Directives as nginx reads them.</param>
    /// <param name="context">The block they go into.</param>
    /// <returns>The builder.</returns>
    /// <example>
    /// <code>
    /// nginx.WithConfigSnippet("gzip on;");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithConfigSnippet(
        this IResourceBuilder<NginxResource> builder,
        string directives,
        NginxSnippetContext context = NginxSnippetContext.Server)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(directives);
        return AddSnippet(builder, new(context, directives, Folder: null));
    }

    /// <summary>Adds the directives in every <c>*.conf</c> file of a folder, in the order of their names.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="folder">The folder, relative to the AppHost's. Changes in it take effect with the <c>reload</c> command.</param>
    /// <param name="context">The block they go into.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such folder.</exception>
    /// <example>
    /// <code>
    /// nginx.WithConfigSnippets("../nginx/conf.d");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithConfigSnippets(
        this IResourceBuilder<NginxResource> builder,
        string folder,
        NginxSnippetContext context = NginxSnippetContext.Server)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return AddSnippet(builder, new(context, Text: null, ExistingFolder(builder, folder, nameof(WithConfigSnippets))));
    }

    /// <summary>Runs this binary instead of the one that is found; the configuration key <c>Nginx:Path</c> goes before it.</summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="path">The path of an nginx binary, relative to the AppHost's folder.</param>
    /// <returns>The builder.</returns>
    /// <example>
    /// <code>
    /// nginx.WithNginxPath("/opt/nginx/sbin/nginx");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithNginxPath(this IResourceBuilder<NginxResource> builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        Options(builder).BinaryPath = FullPath(builder, path);
        return builder;
    }

    /// <summary>
    /// Publishes nginx as a container that is built from a Dockerfile. Beside the Dockerfile, the build finds the folder <c>nginx</c>,
    /// which goes to <c>/etc/nginx</c>: the same configuration as here, as a template for the entry point of nginx's image. Changes
    /// nothing while running.
    /// </summary>
    /// <param name="builder">The nginx.</param>
    /// <param name="dockerfile">The Dockerfile, relative to the AppHost's folder; it is based on nginx's own image.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such file.</exception>
    /// <example>
    /// <code>
    /// nginx.PublishWithDockerfile("../nginx/Dockerfile");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> PublishWithDockerfile(this IResourceBuilder<NginxResource> builder, string dockerfile)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(dockerfile);

        var options = Options(builder);
        if (!builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return builder;
        }

        var path = FullPath(builder, dockerfile);
        return File.Exists(path)
            ? PublishedNginx.Publish(builder, options, path)
            : throw new DistributedApplicationException($"PublishWithDockerfile: the file {path} does not exist.");
    }

    /// <summary>A published nginx listens on a port of its own container; where that is reached from outside is the deployment's.</summary>
    private static (int? Port, int? TargetPort) Ports(IDistributedApplicationBuilder builder, int? port)
    {
        var here = port is 0 ? null : port;
        return builder.ExecutionContext.IsPublishMode ? (null, NginxImage.Port) : (here, here);
    }

    [UnsupportedOSPlatform("windows")]
    private static IResourceBuilder<NginxResource> RunLocally(IResourceBuilder<NginxResource> nginx, NginxAnnotation options)
    {
        var application = nginx.ApplicationBuilder;
        var name = nginx.Resource.Name;
        HealthProbe.CloseConnections(application.Services);
        application.Services.TryAddSingleton<NginxHost>();
        application.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, NginxHost>(static services => services.GetRequiredService<NginxHost>()));
        application.Services.PostConfigure<HostOptions>(host => host.ShutdownTimeout = Longer(host.ShutdownTimeout, options.Configuration.Timeouts.Drain + StopLimit));
        application.OnBeforeStart((start, _) =>
        {
            TellPorts(options.Sources, start.Model.Resources);
            Runtimes(start.Services).Add(name, NginxRuntime.Prepare(nginx.Resource, options, application.AppHostDirectory, start));
            return Task.CompletedTask;
        });
        return nginx
            .WithOtlpExporter()
            .OnInitializeResource(static (resource, _, _) => DrainBeforeStop(resource))
            .OnBeforeResourceStarted((_, start, cancellationToken) => Runtimes(start.Services)[name].StartingAsync(cancellationToken))
            .WithArgs(async context => AddArguments(context, await Runtimes(context.ExecutionContext)[name].ArgumentsAsync(context.CancellationToken).ConfigureAwait(false)))
            .WithEnvironment(context => AddVariables(context, Runtimes(context.ExecutionContext)[name].EnvironmentVariables()))
            .WithCommand(ReloadCommand, "Reload", context => Runtimes(context.Services)[name].ReloadAsync(context.CancellationToken), new CommandOptions
            {
                Description = "Read snippets and error pages anew, test the configuration, and apply it without losing a request.",
                IconName = "ArrowSync",
                UpdateState = context => context.ResourceSnapshot.State?.Text == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
            });
    }

    [UnsupportedOSPlatform("windows")]
    private static NginxHost Runtimes(IServiceProvider services) => services.GetRequiredService<NginxHost>();

    [UnsupportedOSPlatform("windows")]
    private static NginxHost Runtimes(DistributedApplicationExecutionContext context) => Runtimes(context.Services);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one == Timeout.InfiniteTimeSpan || one > other ? one : other;

    /// <summary>Where nothing else in a row says which port an endpoint was given, an environment variable does.</summary>
    private static void TellPorts(IEnumerable<UpstreamSource> sources, IEnumerable<IResource> model)
    {
        foreach (var source in sources)
        {
            foreach (var resource in source.InstancesIn(model))
            {
                var endpoint = source.EndpointOf(resource);
                if (InstanceAddresses.NeedsPortVariable(resource, endpoint))
                {
                    var port = new EndpointReference(resource, endpoint).Property(EndpointProperty.TargetPort);
                    resource.Annotations.Add(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables[InstanceAddresses.PortVariable(endpoint)] = port));
                }
            }
        }
    }

    private static bool EndsProcess(ResourceCommandAnnotation command) => command.Name == KnownResourceCommands.StopCommand || command.Name == KnownResourceCommands.RestartCommand;

    /// <summary>Aspire stops a process with SIGTERM, on which nginx cuts its requests; it answers them first.</summary>
    [UnsupportedOSPlatform("windows")]
    private static Task DrainBeforeStop(NginxResource nginx)
    {
        foreach (var command in nginx.Annotations.OfType<ResourceCommandAnnotation>().Where(EndsProcess).ToArray())
        {
            command.Replace(nginx, async context =>
            {
                await Runtimes(context.Services)[nginx.Name].DrainAsync(context.CancellationToken).ConfigureAwait(false);
                return await command.ExecuteCommand(context).ConfigureAwait(false);
            });
        }

        return Task.CompletedTask;
    }

    private static void AddArguments(CommandLineArgsCallbackContext context, IReadOnlyList<string> arguments)
    {
        foreach (var argument in arguments)
        {
            context.Args.Add(argument);
        }
    }

    private static void AddVariables(EnvironmentCallbackContext context, IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
        {
            context.EnvironmentVariables[name] = value;
        }
    }

    private static IResourceBuilder<NginxResource> AddSnippet(IResourceBuilder<NginxResource> builder, NginxSnippet snippet) =>
        Change(builder, configuration => configuration with { Snippets = configuration.Snippets.Add(snippet) });

    /// <summary>Applies a change and checks the whole: an error is found at the line of the AppHost that makes it.</summary>
    private static IResourceBuilder<NginxResource> Change(IResourceBuilder<NginxResource> builder, Func<NginxConfiguration, NginxConfiguration> change)
    {
        var options = Options(builder);
        var changed = change(options.Configuration);
        var errors = NginxConfigurationValidator.Validate(changed);
        if (errors.Count > 0)
        {
            throw new DistributedApplicationException($"The resource '{builder.Resource.Name}' cannot be configured so. {string.Join(' ', errors)}");
        }

        options.Configuration = changed;
        return builder;
    }

    private static NginxAnnotation Options(IResourceBuilder<NginxResource> builder) =>
        builder.Resource.Annotations.OfType<NginxAnnotation>().FirstOrDefault()
        ?? throw new InvalidOperationException($"The resource '{builder.Resource.Name}' was not added with AddNginx.");

    private static string FullPath(IResourceBuilder<NginxResource> builder, string path) =>
        Path.GetFullPath(path, builder.ApplicationBuilder.AppHostDirectory);

    private static string ExistingFolder(IResourceBuilder<NginxResource> builder, string folder, string option)
    {
        var path = Path.TrimEndingDirectorySeparator(FullPath(builder, folder));
        return Directory.Exists(path) ? path : throw new DistributedApplicationException($"{option}: the folder {path} does not exist.");
    }
}
