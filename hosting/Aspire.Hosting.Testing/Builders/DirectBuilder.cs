using System.Reflection;
using Aspire.Hosting.Testing.Applications;
using Aspire.Hosting.Testing.EntryPoints;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing.Builders;

/// <summary>A builder that the test fills itself.</summary>
internal sealed class DirectBuilder : TestingBuilder
{
    private readonly DistributedApplicationBuilder _inner;
    private readonly HostStart _hostStart = new();
    private DistributedApplication? _application;

    private DirectBuilder(DistributedApplicationBuilder inner)
        : base(inner)
    {
        _inner = inner;
    }

    public static DirectBuilder Create(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        Assembly appHost)
    {
        using var observer = new BuilderEventObserver(new Events(args, configureBuilder, appHost));
        observer.Listen();
        return new DirectBuilder(new DistributedApplicationBuilder(args));
    }

    public override Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        InterceptedHost.Register(_inner.Services, _hostStart);
        _application = _inner.Build();
        return Task.FromResult(_application);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_application is { } application)
        {
            await application.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            // Never built: nobody else will let go of the settings files it watches.
            _inner.Configuration.Dispose();
        }

        _hostStart.Dispose();
    }

    private sealed class Events(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        Assembly appHost) : IBuilderEvents
    {
        public void OnConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
        {
            TestingDefaults.Apply(options, settings, args, appHost);
            configureBuilder(options, settings);
            TestingDefaults.ApplyLaunchProfile(settings, appHost);
        }

        public void OnConstructed(DistributedApplicationBuilder builder) => builder.Services.AddHttpClient();

        public void OnBuilding(DistributedApplicationBuilder builder)
        {
        }

        public void OnBuilt(DistributedApplication application)
        {
        }
    }
}
