using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Processes;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds nginx to an application, and configures it.</summary>
public static partial class NginxBuilderExtensions
{
    private const string ReloadCommand = "reload";

    /// <summary>The time to stop the rest of an application, after nginx has answered the requests in flight.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Adds an nginx reverse proxy, which runs as a local process. The binary of this machine is used, or one is fetched from the
    /// distribution into a per-user cache; nginx writes nothing outside a temporary folder of its own. Where there is neither, it runs in a
    /// container, as with <see cref="RunAsContainer"/>; the configuration key <c>Nginx:Mode</c> (<c>auto</c>, <c>process</c> or
    /// <c>container</c>) decides otherwise.
    /// </summary>
    /// <param name="builder">The builder of the application.</param>
    /// <param name="name">The name of the resource.</param>
    /// <param name="port">The TCP port on the loopback interface, 1 to 65,535. Default: any unused one, as with 0.</param>
    /// <returns>The builder of the nginx resource.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="port"/> is not from 0 to 65,535.</exception>
    /// <exception cref="DistributedApplicationException">Another nginx has this port.</exception>
    /// <exception cref="PlatformNotSupportedException">The application runs on Windows, where nginx has no Unix sockets.</exception>
    /// <example>
    /// <code>
    /// builder.AddNginx("nginx", port: 8080).WithReverseProxy("/", api).WaitFor(api);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> AddNginx(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        CheckRange(port);

        var options = new NginxAnnotation { Port = port is 0 ? null : port };
        ModelCheck.CheckPort(name, options.Port, builder.Resources);
        var (listenPort, targetPort) = Ports(builder, port);
        var nginx = builder.AddResource(new NginxResource(name, "nginx", builder.AppHostDirectory))
            .WithAnnotation(options)
            .WithHttpEndpoint(port: listenPort, targetPort: targetPort, name: NginxResource.PrimaryEndpointName, isProxied: false)
            .WithIconName("ArrowRouting")
            .WithHttpHealthCheck(NginxConfiguration.HealthPath, endpointName: NginxResource.PrimaryEndpointName);
        builder.OnBeforeStart((start, _) =>
        {
            ModelCheck.CheckEndpoints(nginx.Resource);
            ModelCheck.CheckClusters(options);
            ModelCheck.CheckHttp2(options, start.Model);
            return Task.CompletedTask;
        });

        if (!builder.ExecutionContext.IsRunMode)
        {
            return nginx;
        }

        return OperatingSystem.IsWindows()
            ? throw new PlatformNotSupportedException("AddNginx runs nginx on Linux and macOS; on Windows, run the AppHost inside WSL.")
            : RunLocally(nginx, options);
    }

    /// <summary>
    /// Answers preflights and adds cross-origin headers (CORS) to every response, errors included. Cross-origin headers of the resources
    /// are removed.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns the policy, made from one that allows nothing; it replaces an earlier one.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The policy contradicts itself, or has a malformed name.</exception>
    /// <example>
    /// <code>
    /// nginx.WithCors(cors => cors.AllowAnyOrigin().WithMethods("GET", "POST").WithHeaders("Content-Type"));
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithCors(
        this IResourceBuilder<NginxResource> builder, Func<NginxCorsOptions, NginxCorsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Cors = configure(new()) });
    }

    /// <summary>Shows a page for errors nginx itself produces, with their status; errors the resources answer pass unchanged.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="file">
    /// The path of an HTML file, or of a <c>.json</c>, <c>.txt</c> or <c>.xml</c> file that is sent as such, relative to the AppHost's
    /// folder. The page cannot refer to files beside it.
    /// </param>
    /// <param name="codes">Status codes from 400 to 599 without 499, such as 502, 503 and 504.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The file cannot be read, or a code is no error or has a page already.</exception>
    /// <example>
    /// <code>
    /// nginx.WithErrorPage("../nginx/50x.html", 500, 502, 503, 504);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithErrorPage(
        this IResourceBuilder<NginxResource> builder, string file, params int[] codes)
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
    /// Answers with problem details (RFC 9457) instead of HTML where the error is nginx's own, from 400 for a malformed request to 504 for
    /// a resource that does not answer, so that clients of an API get one kind of error. A code that has a page of its own keeps it.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <returns>The same builder.</returns>
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

    /// <summary>Limits the size of requests, and the requests of one client address.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns changed limits; <see cref="NginxRequestLimits"/> has units, defaults and ranges.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A limit is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithRequestLimits(limits => limits with { MaxBodySize = 10 * 1024 * 1024, RequestsPerSecond = 100, Burst = 200 });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithRequestLimits(
        this IResourceBuilder<NginxResource> builder, Func<NginxRequestLimits, NginxRequestLimits> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Limits = configure(configuration.Limits) });
    }

    /// <summary>Sets how long nginx waits for clients and for the resources behind it.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns changed timeouts; <see cref="NginxTimeouts"/> has defaults and ranges.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A timeout is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithTimeouts(timeouts => timeouts with { ProxyRead = TimeSpan.FromMinutes(5) });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithTimeouts(
        this IResourceBuilder<NginxResource> builder, Func<NginxTimeouts, NginxTimeouts> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Timeouts = configure(configuration.Timeouts) });
    }

    /// <summary>Sets the connections to the instances of a resource, and when a failing one is skipped.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">
    /// Returns changed settings, for all resources behind nginx; <see cref="NginxUpstreamSettings"/> has units, defaults and ranges.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A setting is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithUpstream(upstream => upstream with { Tries = 2 });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithUpstream(
        this IResourceBuilder<NginxResource> builder, Func<NginxUpstreamSettings, NginxUpstreamSettings> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Upstream = configure(configuration.Upstream) });
    }

    /// <summary>Sets the number of worker processes, their connections, and the user that they run as.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns changed settings; <see cref="NginxWorkers"/> has defaults and ranges.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A setting is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithWorkers(workers => workers with { Processes = 2 });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithWorkers(
        this IResourceBuilder<NginxResource> builder, Func<NginxWorkers, NginxWorkers> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Workers = configure(configuration.Workers) });
    }

    /// <summary>
    /// Configures the telemetry that nginx sends to the dashboard or another OTLP receiver: spans, which are the parents of the spans of
    /// the resources, metrics, and the lines of its error log. It has no effect when the application is published.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns changed settings; <see cref="NginxTelemetry"/> has units, defaults and ranges.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A setting is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithTelemetry(telemetry => telemetry with { SamplingRatio = 0.001, SlowRequest = TimeSpan.FromMilliseconds(250) });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithTelemetry(
        this IResourceBuilder<NginxResource> builder, Func<NginxTelemetry, NginxTelemetry> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return Change(builder, configuration => configuration with { Telemetry = configure(configuration.Telemetry) });
    }

    /// <summary>Accepts requests for these host names only; others get 421. Without it, nginx accepts every name.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="names">Host names without scheme or port: <c>example.com</c>, or <c>*.example.com</c> for all below it.</param>
    /// <returns>The same builder.</returns>
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
        return Change(builder, configuration => configuration with
        {
            ServerNames = [.. configuration.ServerNames.Concat(names).Distinct()],
        });
    }

    /// <summary>
    /// Believes a proxy in front of nginx, such as one that ends TLS, who the client is: <c>X-Forwarded-For</c> from these addresses is the
    /// client's address, and <c>X-Forwarded-Proto</c> its scheme. From others they are replaced. It holds when the application runs and in
    /// every deployment.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="proxies">Addresses, or networks as CIDR: <c>192.0.2.7</c>, <c>10.0.0.0/8</c>, <c>fd00::/8</c>.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">One is no address and no network.</exception>
    /// <example>
    /// <code>
    /// nginx.WithTrustedProxies("10.0.0.0/8");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithTrustedProxies(this IResourceBuilder<NginxResource> builder, params string[] proxies)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(proxies);
        return Change(builder, configuration => configuration with
        {
            TrustedProxies = [.. configuration.TrustedProxies.Concat(proxies).Distinct(StringComparer.Ordinal)],
        });
    }

    /// <summary>
    /// Sets the paths that are 404 for clients, each with all below it: what an instance tells about itself is for this application alone.
    /// Default: <c>/health</c>, <c>/alive</c> and <c>/openapi</c>. A path that has a route or folder of its own is open.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="paths">The paths instead of the default ones; none opens all.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A path is malformed.</exception>
    /// <example>
    /// <code>
    /// nginx.WithPrivatePaths("/health", "/alive", "/metrics");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithPrivatePaths(this IResourceBuilder<NginxResource> builder, params string[] paths)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(paths);
        return Change(builder, configuration => configuration with { PrivatePaths = [.. paths] });
    }

    /// <summary>
    /// Adds nginx directives to the <c>server</c> block. Rules such as <c>return</c> do not apply to nginx's health check and error pages.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="directives">Directives in nginx's language, each with its semicolon or block.</param>
    /// <returns>The same builder.</returns>
    /// <example>
    /// <code>
    /// nginx.WithServerSnippet("gzip on;");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithServerSnippet(this IResourceBuilder<NginxResource> builder, string directives)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(directives);
        return AddSnippet(builder, new(NginxSnippetContext.Server, directives, Folder: null));
    }

    /// <summary>Adds nginx directives to the <c>http</c> block, such as maps and zones.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="directives">Directives in nginx's language, each with its semicolon or block.</param>
    /// <returns>The same builder.</returns>
    /// <example>
    /// <code>
    /// nginx.WithHttpSnippet("underscores_in_headers on;");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithHttpSnippet(this IResourceBuilder<NginxResource> builder, string directives)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(directives);
        return AddSnippet(builder, new(NginxSnippetContext.Http, directives, Folder: null));
    }

    /// <summary>Adds the directives in every <c>*.conf</c> file of a folder, in the order of their names.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="folder">The path of the folder, relative to the AppHost's. Changes take effect with the <c>reload</c> command.</param>
    /// <param name="context">The block that they are added to. Default: the <c>server</c> block.</param>
    /// <returns>The same builder.</returns>
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

    /// <summary>
    /// Runs this binary instead of one that is found; the configuration key <c>Nginx:Path</c> takes precedence. A published nginx is that
    /// of its image or server.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">The path of an nginx binary, relative to the AppHost's folder.</param>
    /// <returns>The same builder.</returns>
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
    /// Publishes nginx as a container that is built from a Dockerfile. Beside the Dockerfile the build finds the folder <c>nginx</c>, which
    /// it copies to <c>/etc/nginx</c>: the same configuration as a template for the entry point of nginx's image. It has no effect when the
    /// application runs.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="dockerfile">The path of a Dockerfile that is based on nginx's own image, relative to the AppHost's folder.</param>
    /// <returns>The same builder.</returns>
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
            ? NginxImagePublisher.Publish(builder, options, path)
            : throw new DistributedApplicationException($"PublishWithDockerfile: the file {path} does not exist.");
    }

    private static void CheckRange(int? port)
    {
        if (port is < 0 or > 65_535)
        {
            const string message = "The port of nginx must be from 1 to 65535, or 0 for any unused one.";
            throw new ArgumentOutOfRangeException(nameof(port), port, message);
        }
    }

    /// <summary>A published nginx has a port of its own in its container, which the deployment maps to one outside.</summary>
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
        application.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, NginxHost>(static services => services.GetRequiredService<NginxHost>()));
        application.Services.PostConfigure<HostOptions>(host =>
            host.AllowAtLeast(options.Configuration.Timeouts.Drain + StopLimit));
        application.OnBeforeStart(async (start, cancellationToken) =>
        {
            AddPortVariables(options.Sources, start.Model.Resources);
            SettleHttpsEndpoint(nginx, start.Services);
            var container = await SettleContainerAsync(nginx, options, start, cancellationToken).ConfigureAwait(false);
            Host(start.Services).Add(name, new(nginx.Resource, options, application.AppHostDirectory, start, container));
        });
        return nginx
            .WithOtlpExporter()
            .OnInitializeResource(static (resource, _, _) => DrainBeforeStop(resource))
            .OnBeforeResourceStarted((_, start, cancellationToken) => Host(start.Services)[name].StartAsync(cancellationToken))
            .WithArgs(context => AddArgumentsAsync(context, Host(context.ExecutionContext.Services)[name]))
            .WithEnvironment(context => AddVariables(context, Host(context.ExecutionContext.Services)[name].EnvironmentVariables()))
            .WithNginxCommand(
                ReloadCommand,
                "Reload",
                "Load snippets and error pages again, test the configuration, and apply it without losing a request.",
                "ArrowSync",
                static (lifecycle, cancellationToken) => lifecycle.ReloadAsync(cancellationToken))
            .WithNginxCommand(
                "maintenance-on",
                "Begin maintenance",
                "Answer clients with 503 and Retry-After until maintenance ends; the health check of nginx goes on.",
                "Wrench",
                static (lifecycle, cancellationToken) => lifecycle.SetMaintenanceAsync(isOn: true, cancellationToken))
            .WithNginxCommand(
                "maintenance-off",
                "End maintenance",
                "Serve clients again.",
                "WrenchScrewdriver",
                static (lifecycle, cancellationToken) => lifecycle.SetMaintenanceAsync(isOn: false, cancellationToken))
            .WithNginxCommand(
                "show-config",
                "Show configuration",
                "Show the configuration that nginx runs with, without secrets.",
                "DocumentText",
                static (lifecycle, cancellationToken) => lifecycle.ShowAsync(cancellationToken));
    }

    [UnsupportedOSPlatform("windows")]
    private static IResourceBuilder<NginxResource> WithNginxCommand(
        this IResourceBuilder<NginxResource> nginx,
        string name,
        string displayName,
        string description,
        string icon,
        Func<NginxLifecycle, CancellationToken, Task<ExecuteCommandResult>> execute) => nginx.WithRunningCommand(
            name,
            displayName,
            description,
            icon,
            context => execute(Host(context.Services)[nginx.Resource.Name], context.CancellationToken));

    [UnsupportedOSPlatform("windows")]
    private static NginxHost Host(IServiceProvider services) => services.GetRequiredService<NginxHost>();

    /// <summary>Has an environment variable show the port of an endpoint where nothing else in a snapshot does.</summary>
    private static void AddPortVariables(IEnumerable<UpstreamSource> sources, IEnumerable<IResource> model)
    {
        foreach (var source in sources)
        {
            foreach (var resource in source.InstancesIn(model))
            {
                var endpoint = source.EndpointOf(resource);
                if (InstanceAddresses.NeedsPortVariable(resource, endpoint))
                {
                    var variable = InstanceAddresses.PortVariable(endpoint);
                    var port = new EndpointReference(resource, endpoint).Property(EndpointProperty.TargetPort);
                    resource.Annotations.Add(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables[variable] = port));
                }
            }
        }
    }

    /// <summary>Has nginx answer the requests in flight before Aspire stops it with SIGTERM, on which nginx cuts them.</summary>
    [UnsupportedOSPlatform("windows")]
    private static Task DrainBeforeStop(IResource nginx)
    {
        nginx.DrainBeforeStop((context, _) => Host(context.Services)[nginx.Name].DrainAsync(context.CancellationToken));
        return Task.CompletedTask;
    }

    [UnsupportedOSPlatform("windows")]
    private static async Task AddArgumentsAsync(CommandLineArgsCallbackContext context, NginxLifecycle nginx)
    {
        foreach (var argument in await nginx.ArgumentsAsync(context.CancellationToken).ConfigureAwait(false))
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

    /// <summary>Applies a change and validates the whole, so that an error is thrown by the line of the AppHost that causes it.</summary>
    private static IResourceBuilder<NginxResource> Change(
        IResourceBuilder<NginxResource> builder, Func<NginxConfiguration, NginxConfiguration> change)
    {
        var options = Options(builder);
        var changed = change(options.Configuration);
        var errors = NginxConfigurationValidator.Validate(changed);
        if (errors.Count > 0)
        {
            throw new DistributedApplicationException(
                $"The resource '{builder.Resource.Name}' cannot be configured so. {string.Join(' ', errors)}");
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
