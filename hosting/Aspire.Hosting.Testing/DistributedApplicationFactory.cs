using System.Globalization;
using System.Reflection;
using Aspire.Hosting.Testing.Applications;
using Aspire.Hosting.Testing.EntryPoints;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an AppHost's entry point inside a test and takes part in it: while its builder is constructed, before it
/// builds, when it has built. Derive from it to take part; <see cref="DistributedApplicationTestingBuilder"/> is the
/// shorter way when that is not needed.
/// </summary>
/// <example>
/// <code>
/// await using var factory = new DistributedApplicationFactory(typeof(Projects.FlaskStack_AppHost));
/// await factory.StartAsync();
/// using var client = factory.CreateHttpClient("nginx");
/// </code>
/// </example>
public class DistributedApplicationFactory : IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan DefaultShutdownTimeout = TimeSpan.FromSeconds(10);

    // Given on top of the host's own time for an orderly stop: for killing and for disposing.
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(10);

    // Nothing is started before the build: an entry point that takes longer is stuck.
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(5);

    private readonly string[] _args;
    private readonly Assembly _assembly;
    private readonly Lazy<EntryPointRun> _run;
    private readonly HostStart _hostStart = new();
    private readonly Lazy<Task> _disposal;
    private readonly TaskCompletionSource _buildAllowed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Initializes a factory for an AppHost run without arguments.</summary>
    /// <param name="entryPoint">A type of the AppHost's assembly, such as <c>typeof(Projects.FlaskStack_AppHost)</c>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="entryPoint"/> is <see langword="null"/>.</exception>
    public DistributedApplicationFactory(Type entryPoint)
        : this(entryPoint, [])
    {
    }

    /// <summary>Initializes a factory for an AppHost run with arguments.</summary>
    /// <param name="entryPoint">A type of the AppHost's assembly, such as <c>typeof(Projects.FlaskStack_AppHost)</c>.</param>
    /// <param name="args">The command line. <c>Key:Name=value</c> overrides the AppHost's configuration.</param>
    /// <exception cref="ArgumentNullException">A parameter or an argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An argument is empty.</exception>
    public DistributedApplicationFactory(Type entryPoint, string[] args)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        ArgumentNullException.ThrowIfNull(args);
        foreach (var argument in args)
        {
            ArgumentException.ThrowIfNullOrEmpty(argument, nameof(args));
        }

        _args = args;
        _assembly = entryPoint.Assembly;
        _run = new Lazy<EntryPointRun>(RunEntryPoint);
        _disposal = new Lazy<Task>(StopAndDisposeAsync);
    }

    private bool IsDisposed => _hostStart.Abandoned.IsCancellationRequested;

    /// <summary>Runs the entry point, lets it build, and starts the application.</summary>
    /// <param name="cancellationToken">Ends the wait. The application stays as far as it came until the factory is disposed.</param>
    /// <returns>A task that completes when the application has started; its resources may still be starting.</returns>
    /// <exception cref="InvalidOperationException">The entry point ended without running an application.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await BuildAsync(cancellationToken).ConfigureAwait(false);
        _hostStart.Allow();
        await _hostStart.Started.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a client whose base address is an endpoint of a resource of the started application.</summary>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="endpointName">The name of the endpoint. Default: https, or else http.</param>
    /// <returns>The client.</returns>
    /// <exception cref="ArgumentException">There is no such resource or endpoint.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public HttpClient CreateHttpClient(string resourceName, string? endpointName = null) =>
        StartedApplication.CreateHttpClient(resourceName, endpointName);

    /// <summary>Gets the connection string of a resource of the started application.</summary>
    /// <param name="resourceName">The name of the resource.</param>
    /// <returns>The connection string.</returns>
    /// <exception cref="ArgumentException">There is no such resource, or it has no connection string.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public ValueTask<string?> GetConnectionString(string resourceName) =>
        StartedApplication.GetConnectionStringAsync(resourceName);

    /// <summary>Gets the address of an endpoint of a resource of the started application.</summary>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="endpointName">The name of the endpoint. Default: https, or else http.</param>
    /// <returns>The address.</returns>
    /// <exception cref="ArgumentException">There is no such resource or endpoint.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public Uri GetEndpoint(string resourceName, string? endpointName = null) =>
        StartedApplication.GetEndpoint(resourceName, endpointName);

    /// <summary>Stops the application, however far it came, and frees what it holds.</summary>
    /// <exception cref="TimeoutException">It did not stop within its own shutdown timeout and 10 more seconds.</exception>
    public virtual void Dispose()
    {
        _disposal.Value.GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the application, however far it came, and frees what it holds.</summary>
    /// <returns>A task that completes when nothing of it is left.</returns>
    /// <exception cref="TimeoutException">It did not stop within its own shutdown timeout and 10 more seconds.</exception>
    public virtual async ValueTask DisposeAsync()
    {
        await _disposal.Value.ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gets the entry point's builder when everything is added to it and the application is about to be built.</summary>
    internal async Task<DistributedApplicationBuilder> GetBuilderAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        _ = _run.Value;
        return await WaitAsync(_builder.Task, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets the entry point build, and gets what it built.</summary>
    internal async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        _ = _run.Value;
        _buildAllowed.TrySetResult();
        return await WaitAsync(_application.Task, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops a started application in order and waits until the entry point has ended.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        var application = await BuildAsync(cancellationToken).ConfigureAwait(false);
        _hostStart.Refuse();
        RequestStop(application);
        await WaitForExitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the entry point has ended.</summary>
    internal Task WaitForExitAsync(CancellationToken cancellationToken) => _run.Value.Ended.WaitAsync(cancellationToken);

    /// <summary>Called before the entry point's builder is constructed.</summary>
    /// <param name="applicationOptions">The builder's options: dashboard off, resource logging on.</param>
    /// <param name="hostOptions">The host's settings: command line, content root, configuration.</param>
    protected virtual void OnBuilderCreating(DistributedApplicationOptions applicationOptions, HostApplicationBuilderSettings hostOptions)
    {
    }

    /// <summary>Called when the entry point's builder has been constructed and holds nothing yet.</summary>
    /// <param name="applicationBuilder">The builder.</param>
    protected virtual void OnBuilderCreated(DistributedApplicationBuilder applicationBuilder)
    {
    }

    /// <summary>Called when everything is added to the entry point's builder, before it builds.</summary>
    /// <param name="applicationBuilder">The builder.</param>
    protected virtual void OnBuilding(DistributedApplicationBuilder applicationBuilder)
    {
    }

    /// <summary>Called when the entry point has built its application, before it starts.</summary>
    /// <param name="application">The application.</param>
    protected virtual void OnBuilt(DistributedApplication application)
    {
    }

    private DistributedApplication StartedApplication
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return _hostStart.Started.IsCompletedSuccessfully
                ? _application.Task.GetAwaiter().GetResult()
                : throw new InvalidOperationException("The application has not been started: call StartAsync first.");
        }
    }

    private EntryPointRun RunEntryPoint()
    {
        var entryPoint = _assembly.EntryPoint
            ?? throw new InvalidOperationException($"{_assembly.GetName().Name} has no entry point: name a type of an AppHost project.");
        var run = new EntryPointRun(entryPoint, _args, new Events(this));
        _ = ReportEndAsync(run);
        run.Start();
        return run;
    }

    // Whatever the test waits for, it is not coming once the entry point has ended.
    private async Task ReportEndAsync(EntryPointRun run)
    {
        var failure = await run.Ended.ConfigureAwait(false);
        if (_builder.TrySetException(failure ?? run.EndedWithout("building an application")))
        {
            _ = _builder.Task.Exception;
        }

        if (_application.TrySetException(failure ?? run.EndedWithout("building an application")))
        {
            _ = _application.Task.Exception;
        }

        _hostStart.SetFailed(failure ?? run.EndedWithout("running the application it built"));
    }

    private async Task<T> WaitAsync<T>(Task<T> task, CancellationToken cancellationToken)
    {
        try
        {
            return await task.WaitAsync(BuildTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception) when (!task.IsCompleted)
        {
            throw new TimeoutException(
                $"The entry point of {_assembly.GetName().Name} has not built an application within {BuildTimeout.TotalMinutes} minutes.",
                exception);
        }
    }

    private async Task StopAndDisposeAsync()
    {
        _hostStart.Abandon();
        _buildAllowed.TrySetCanceled();
        if (_run.IsValueCreated)
        {
            await StopAsync(_run.Value).ConfigureAwait(false);
        }

        _hostStart.Dispose();
    }

    private async Task StopAsync(EntryPointRun run)
    {
        var application = _application.Task.IsCompletedSuccessfully ? await _application.Task.ConfigureAwait(false) : null;
        var shutdownTimeout = GetShutdownTimeout(application);
        using var deadline = new CancellationTokenSource(shutdownTimeout + ShutdownGrace);
        try
        {
            RequestStop(application);
            await Task.WhenAny(run.Ended, Task.Delay(shutdownTimeout, deadline.Token)).ConfigureAwait(false);
            await DisposeAsync(application, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            var seconds = (shutdownTimeout + ShutdownGrace).TotalSeconds.ToString(CultureInfo.InvariantCulture);
            throw new TimeoutException($"The AppHost {_assembly.GetName().Name} did not stop within {seconds} seconds.");
        }
    }

    private async Task DisposeAsync(DistributedApplication? application, CancellationToken cancellationToken)
    {
        if (application is not null)
        {
            await application.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (_builder.Task.IsCompletedSuccessfully)
        {
            // Never built: nobody else will let go of the settings files it watches.
            (await _builder.Task.ConfigureAwait(false)).Configuration.Dispose();
        }
    }

    private static void RequestStop(DistributedApplication? application)
    {
        try
        {
            application?.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        }
        catch (ObjectDisposedException)
        {
            // The entry point has stopped and disposed its application already.
        }
    }

    private static TimeSpan GetShutdownTimeout(DistributedApplication? application)
    {
        try
        {
            return application?.Services.GetService<IOptions<HostOptions>>()?.Value.ShutdownTimeout ?? DefaultShutdownTimeout;
        }
        catch (ObjectDisposedException)
        {
            return DefaultShutdownTimeout;
        }
    }

    private sealed class Events(DistributedApplicationFactory factory) : IBuilderEvents
    {
        public void OnConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
        {
            TestingDefaults.Apply(options, settings, factory._args, factory._assembly);
            factory.OnBuilderCreating(options, settings);
            TestingDefaults.ApplyLaunchProfile(settings, factory._assembly);
        }

        public void OnConstructed(DistributedApplicationBuilder builder)
        {
            builder.Services.AddHttpClient();
            factory.OnBuilderCreated(builder);
        }

        public void OnBuilding(DistributedApplicationBuilder builder)
        {
            InterceptedHost.Register(builder.Services, factory._hostStart);
            factory.OnBuilding(builder);
            factory._builder.TrySetResult(builder);
            factory._buildAllowed.Task.GetAwaiter().GetResult();
        }

        public void OnBuilt(DistributedApplication application)
        {
            factory.OnBuilt(application);
            factory._application.TrySetResult(application);

            // The entry point goes on, and publishes the first events, when the test starts the application.
            factory._hostStart.WaitUntilAllowed();
        }
    }
}
