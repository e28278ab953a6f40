using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Cli;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Diagnostics;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing.Progress;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Builds a <see cref="DistributedApplication"/> from the resources that an AppHost declares.</summary>
/// <remarks>AppHosts use <see cref="DistributedApplication.CreateBuilder(string[])"/>; the class is public for testing.</remarks>
public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly DistributedApplicationOptions _options;
    private readonly HostApplicationBuilder _host;
    private readonly DistributedApplicationExecutionContextOptions _executionContextOptions;
    private readonly DistributedApplicationEventing _eventing = new();
    // An AppHost that runs has no use for it.
    private readonly Lazy<DistributedApplicationPipeline> _pipeline = new();
    private bool _built;

    /// <summary>Creates a builder from command-line arguments.</summary>
    /// <param name="args">Arguments of the AppHost; unknown ones are tolerated, as Aspire tooling passes its own.</param>
    public DistributedApplicationBuilder(string[] args)
        : this(new DistributedApplicationOptions { Args = args ?? throw new ArgumentNullException(nameof(args)) })
    {
    }

    /// <summary>Creates a builder from options.</summary>
    /// <param name="options">What the AppHost sets before any resource exists.</param>
    /// <exception cref="DistributedApplicationException">A setting that selects the operation is invalid.</exception>
    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

        _options = options;

        // A test names the AppHost's assembly at this event: what depends on the assembly comes after it.
        var settings = new HostApplicationBuilderSettings { Args = options.Args };
        BuilderDiagnostics.WriteConstructing(options, settings);

        AppHostAssembly = AppHostMetadata.FindAssembly(options.AssemblyName);
        StartupErrorReporter.Install(AppHostAssembly);
        var metadata = AppHostMetadata.Read(AppHostAssembly, options.ProjectDirectory);
        settings.ContentRootPath ??= metadata.ContentRoot;
        settings.ApplicationName ??= AppHostAssembly?.GetName().Name;

        _host = new HostApplicationBuilder(settings);
        AppHostDirectory = options.ProjectDirectory ?? metadata.Directory ?? _host.Environment.ContentRootPath;
        AppHostPath = Path.GetFullPath(Path.Join(AppHostDirectory, metadata.ProjectName ?? _host.Environment.ApplicationName));

        AddSettings(metadata);
        _executionContextOptions = OperationOptions.Read(_host.Configuration, options.Args ?? []);
        ExecutionContext = new DistributedApplicationExecutionContext(_executionContextOptions);
        AddAppHostHash();
        ConfigureLogging();
        AddServices();

        BuilderDiagnostics.WriteConstructed(this);
    }

    /// <inheritdoc />
    public Assembly? AppHostAssembly { get; }

    /// <inheritdoc />
    public string AppHostDirectory { get; }

    /// <summary>Full path of the AppHost project: its directory and file name.</summary>
    public string AppHostPath { get; }

    /// <inheritdoc />
    public ConfigurationManager Configuration => _host.Configuration;

    /// <inheritdoc />
    public IHostEnvironment Environment => _host.Environment;

    /// <inheritdoc />
    public IServiceCollection Services => _host.Services;

    /// <inheritdoc />
    public IDistributedApplicationEventing Eventing => _eventing;

    /// <inheritdoc />
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <inheritdoc />
    [Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public IDistributedApplicationPipeline Pipeline => _pipeline.Value;

    /// <inheritdoc />
    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <inheritdoc />
    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        ModelName.Validate("Resource", resource.Name);

        if (Resources.FirstOrDefault(r => string.Equals(r.Name, resource.Name, StringComparison.OrdinalIgnoreCase)) is { } existing)
        {
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType()}' with name '{resource.Name}' because resource of type " +
                $"'{existing.GetType()}' with that name already exists. Resource names are case-insensitive.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    /// <inheritdoc />
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new DistributedApplicationResourceBuilder<T>(this, resource);
    }

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">The builder was built before.</exception>
    public DistributedApplication Build()
    {
        if (_built)
        {
            throw new InvalidOperationException("The application was built before; a builder builds one application.");
        }

        _built = true;
        BuilderDiagnostics.WriteBuilding(this);
        ModelValidator.Validate(Resources);
        if (ExecutionContext.IsRunMode)
        {
            var dashboard = DashboardConfiguration.Apply(Configuration, _options, out var ports);
            Services.AddDashboard(dashboard is null ? null : dashboard with { TellsLogin = !CliServices.HasCli(Configuration) }, ports);
            Services.AddAuxiliaryChannel(Configuration);
        }

        Services.AddPrimaryChannel(Configuration);

        var application = new DistributedApplication(_host.Build());
        _executionContextOptions.ServiceProvider = application.Services;
        _eventing.UseLogger(application.Services.GetRequiredService<ILogger<DistributedApplicationEventing>>());

        BuilderDiagnostics.WriteBuilt(application);
        return application;
    }

    private void AddSettings(AppHostMetadata metadata)
    {
        Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AppHost:Directory"] = AppHostDirectory,
            ["AppHost:Path"] = AppHostPath,
            ["AppHost:FilePath"] = metadata.ProjectFile,
            ["AppHost:DashboardApplicationName"] = _options.DashboardApplicationName ?? Environment.ApplicationName,
        });
    }

    /// <summary>Identifies this AppHost: by its path when it runs, by its project name when it publishes (as Aspire does).</summary>
    private void AddAppHostHash()
    {
        var identity = ExecutionContext.IsRunMode ? AppHostPath.ToLowerInvariant() : Path.GetFileName(AppHostPath);
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
        Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["AppHost:Sha256"] = hash });
    }

    private void ConfigureLogging()
    {
        _host.Logging.AddSimpleConsole(console => console.SingleLine = true);
        _host.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // The host logs what it throws as well, and one line is enough.
        _host.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        _host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        _host.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        // What the dashboard logs is logged again under these names, as in Aspire.
        _host.Logging.AddFilter("Aspire.Hosting.Dashboard", LogLevel.Warning);
        _host.Logging.AddFilter("Aspire.Hosting.Dashboard.ThirdParty", LogLevel.Error);
        // The dashboard warns of every page that was closed while it loaded.
        _host.Logging.AddFilter("Aspire.Hosting.Dashboard.Model.BrowserStorage", LogLevel.Error);
        // What the user configures wins over the defaults above.
        _host.Logging.AddConfiguration(Configuration.GetSection("Logging"));
    }

    private void AddServices()
    {
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(_options);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(Resources);
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<ResourceNotificationService>(),
            services.GetRequiredService<ResourceLoggerService>(),
            services));
        Services.AddHealthChecks();
        Services.AddHttpClient();

        Services.Configure<ResourceNotificationServiceOptions>(notifications => notifications.DefaultWaitBehavior =
            _options.DisableDashboard ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable);

        if (ExecutionContext.IsRunMode)
        {
            Services.AddOrchestrator(new AppHostIdentity(AppHostAssembly, AppHostDirectory, AppHostPath));
            return;
        }

        Services.AddPipeline(_pipeline.Value, Configuration);
        Services.AddPublishProgress(hasReader: CliServices.HasCli(Configuration));
    }
}
