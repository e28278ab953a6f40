using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Gunicorn.Configuration;
using Aspire.Hosting.Gunicorn.Processes;
using Aspire.Hosting.Gunicorn.Publishing;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds Python web applications that gunicorn runs, and configures them.</summary>
public static class GunicornBuilderExtensions
{
    private const string ReloadCommand = "reload";
    private const string ScaleUpCommand = "scale-up";
    private const string ScaleDownCommand = "scale-down";

    /// <summary>The time to stop the rest of an application, after gunicorn has answered the requests in flight.</summary>
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan UsualGracefulTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Adds a Python web application, such as one made with Flask or Django, that the real gunicorn runs as local processes.
    /// </summary>
    /// <param name="builder">The builder of the application.</param>
    /// <param name="name">The name of the resource.</param>
    /// <param name="folder">The folder of the Python code, relative to the AppHost's.</param>
    /// <param name="application">The module and the variable of the WSGI application, such as <c>wsgi:app</c>.</param>
    /// <returns>The builder of the resource.</returns>
    /// <remarks>
    /// <para>
    /// gunicorn comes from the configuration key <c>Gunicorn:Path</c>, else from the folder's virtual environment (<c>.venv</c> or
    /// <c>venv</c>), else from one that is made from <c>requirements.txt</c> or <c>pyproject.toml</c>, else from the <c>PATH</c>.
    /// </para>
    /// <para>
    /// A setting of <c>gunicorn.conf.py</c> wins over the defaults, one of <see cref="WithGunicorn"/> over that file, and the variable
    /// <c>GUNICORN_CMD_ARGS</c> over all.
    /// </para>
    /// <para>
    /// It listens on a Unix socket, which nginx prefers, and on the port of its endpoint. On Linux the AppHost holds both: while the master
    /// is replaced, connections wait for up to 30 s instead of failing. It is healthy as soon as a worker has loaded the application.
    /// </para>
    /// </remarks>
    /// <exception cref="DistributedApplicationException">There is no such folder, or <paramref name="application"/> is no name.</exception>
    /// <exception cref="PlatformNotSupportedException">The application runs on Windows, which gunicorn does not support.</exception>
    /// <example>
    /// <code>
    /// var flask = builder.AddGunicornApp("flask", "../flask-proj", "wsgi:app")
    ///     .WithWorkerClass("gevent")
    ///     .WithSupervisor();
    ///
    /// builder.AddNginx("nginx", port: 8080).WithReverseProxy("/", flask).WaitFor(flask);
    /// </code>
    /// </example>
    public static IResourceBuilder<GunicornAppResource> AddGunicornApp(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string folder, string application)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(application);

        var path = Path.GetFullPath(folder, builder.AppHostDirectory);
        if (!Directory.Exists(path))
        {
            throw new DistributedApplicationException($"AddGunicornApp: the folder {path} does not exist.");
        }

        if (application.StartsWith('-') || application.Any(char.IsWhiteSpace))
        {
            throw new DistributedApplicationException(
                $"AddGunicornApp: '{application}' is no application; name its module and variable, such as wsgi:app.");
        }

        var options = new GunicornAnnotation(path, application);
        var gunicorn = builder.AddResource(new GunicornAppResource(name, "gunicorn", path))
            .WithAnnotation(options)
            .WithHttpEndpoint(
                targetPort: builder.ExecutionContext.IsRunMode ? null : PublishedGunicorn.Port,
                name: GunicornAppResource.PrimaryEndpointName,
                isProxied: !builder.ExecutionContext.IsRunMode)
            .WithIconName("CodePyRectangle");
        if (!builder.ExecutionContext.IsRunMode)
        {
            return GunicornImage.Publish(gunicorn);
        }

        return OperatingSystem.IsWindows()
            ? throw new PlatformNotSupportedException("gunicorn runs on Linux and macOS; on Windows, run the AppHost inside WSL.")
            : RunLocally(gunicorn, options);
    }

    /// <summary>Sets the number of worker processes (<c>workers</c>).</summary>
    /// <param name="builder">The builder of the resource.</param>
    /// <param name="count">The number, 1 to 1,000. Default: two per processor and one more.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException"><paramref name="count"/> is out of range.</exception>
    public static IResourceBuilder<GunicornAppResource> WithWorkers(this IResourceBuilder<GunicornAppResource> builder, int count) =>
        builder.WithGunicorn(options => options with { Workers = count });

    /// <summary>Sets the kind of worker (<c>worker_class</c>).</summary>
    /// <param name="builder">The builder of the resource.</param>
    /// <param name="name">
    /// <c>sync</c> (the default), <c>gthread</c>, <c>gevent</c>, or a class such as <c>uvicorn.workers.UvicornWorker</c>; its package must
    /// be in the application's environment.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IResourceBuilder<GunicornAppResource> WithWorkerClass(this IResourceBuilder<GunicornAppResource> builder, string name) =>
        builder.WithGunicorn(options => options with { WorkerClass = name });

    /// <summary>Changes the settings of gunicorn.</summary>
    /// <param name="builder">The builder of the resource.</param>
    /// <param name="configure">Returns changed settings; a further call starts from those of the call before.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A setting is out of range; the message names all that are.</exception>
    /// <example>
    /// <code>
    /// flask.WithGunicorn(gunicorn => gunicorn with { Timeout = TimeSpan.FromSeconds(60), MaxRequests = 10_000 });
    /// </code>
    /// </example>
    public static IResourceBuilder<GunicornAppResource> WithGunicorn(
        this IResourceBuilder<GunicornAppResource> builder, Func<GunicornOptions, GunicornOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        var annotation = Options(builder);
        var changed = configure(annotation.Options);
        string[] errors = [.. GunicornOptionsValidator.Validate(changed, annotation.Folder)];
        if (errors.Length > 0)
        {
            throw new DistributedApplicationException(
                $"The resource '{builder.Resource.Name}' cannot be configured so. {string.Join(' ', errors)}");
        }

        annotation.Options = changed;
        return builder;
    }

    /// <summary>Uses the gunicorn of this virtual environment; it is made if it does not exist.</summary>
    /// <param name="builder">The builder of the resource.</param>
    /// <param name="folder">
    /// The folder of the environment, relative to that of the Python code. Default: <c>.venv</c>, else <c>venv</c>.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IResourceBuilder<GunicornAppResource> WithVirtualEnvironment(
        this IResourceBuilder<GunicornAppResource> builder, string folder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(folder);

        var annotation = Options(builder);
        annotation.VirtualEnvironment = Path.GetFullPath(folder, annotation.Folder);
        return builder;
    }

    [UnsupportedOSPlatform("windows")]
    private static IResourceBuilder<GunicornAppResource> RunLocally(
        IResourceBuilder<GunicornAppResource> gunicorn, GunicornAnnotation options)
    {
        var application = gunicorn.ApplicationBuilder;
        var services = application.Services;
        var name = gunicorn.Resource.Name;
        HealthProbe.CloseConnections(services);
        services.TryAddSingleton<GunicornHost>();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, GunicornHost>(static provider => provider.GetRequiredService<GunicornHost>()));
        services.PostConfigure<HostOptions>(host =>
            host.AllowAtLeast((options.Options.GracefulTimeout ?? UsualGracefulTimeout) + StopReserve));
        application.OnBeforeStart((start, _) =>
        {
            Host(start.Services).Add(name, new(gunicorn.Resource, options, start.Services));
            return Task.CompletedTask;
        });

        var check = $"{name}_workers";
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            check, provider => new WorkersCheck(() => Host(provider).Find(name)), failureStatus: null, tags: null));
        return AddCommands(gunicorn)
            .WithOtlpExporter()
            .WithHealthCheck(check)
            .OnInitializeResource(static (resource, _, _) => DrainBeforeStop(resource))
            .OnBeforeResourceStarted((_, start, cancellationToken) => Host(start.Services)[name].StartAsync(cancellationToken))
            .WithArgs(context =>
            {
                foreach (var argument in Host(context.ExecutionContext.Services)[name].Arguments())
                {
                    context.Args.Add(argument);
                }
            })
            .WithEnvironment(context =>
            {
                foreach (var (variable, value) in Host(context.ExecutionContext.Services)[name].Variables())
                {
                    context.EnvironmentVariables[variable] = value;
                }
            });
    }

    [UnsupportedOSPlatform("windows")]
    private static IResourceBuilder<GunicornAppResource> AddCommands(IResourceBuilder<GunicornAppResource> gunicorn)
    {
        var name = gunicorn.Resource.Name;
        Add(
            ReloadCommand, "Reload", "Import the new code, and replace the workers one after another if that works.", "ArrowSync",
            static (lifecycle, token) => lifecycle.ReloadAsync(token));
        Add(
            ScaleUpCommand, "Scale up", "Run one worker more.", "Add",
            static (lifecycle, token) => lifecycle.ScaleAsync(1, token));
        Add(
            ScaleDownCommand, "Scale down", "Run one worker less.", "Subtract",
            static (lifecycle, token) => lifecycle.ScaleAsync(-1, token));
        return gunicorn;

        void Add(
            string command,
            string displayName,
            string description,
            string icon,
            Func<GunicornLifecycle, CancellationToken, Task<ExecuteCommandResult>> execute) => gunicorn.WithRunningCommand(
            command, displayName, description, icon, context => execute(Host(context.Services)[name], context.CancellationToken));
    }

    [UnsupportedOSPlatform("windows")]
    private static GunicornHost Host(IServiceProvider services) => services.GetRequiredService<GunicornHost>();

    /// <summary>Has gunicorn answer the requests in flight in its own time, before Aspire stops it within six seconds.</summary>
    [UnsupportedOSPlatform("windows")]
    private static Task DrainBeforeStop(GunicornAppResource resource)
    {
        resource.DrainBeforeStop((context, isRestart) =>
            Host(context.Services)[resource.Name].DrainAsync(isRestart, context.CancellationToken));
        return Task.CompletedTask;
    }

    private static GunicornAnnotation Options(IResourceBuilder<GunicornAppResource> builder) =>
        builder.Resource.Annotations.OfType<GunicornAnnotation>().FirstOrDefault()
        ?? throw new InvalidOperationException($"The resource '{builder.Resource.Name}' was not added with AddGunicornApp.");

    /// <summary>Whether a worker has loaded the application.</summary>
    [UnsupportedOSPlatform("windows")]
    private sealed class WorkersCheck(Func<GunicornLifecycle?> find) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            find()?.CheckHealthAsync(cancellationToken) ?? Task.FromResult(HealthCheckResult.Unhealthy("It has not been started yet."));
    }
}
