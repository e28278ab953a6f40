using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Nginx;

/// <summary>Applications on Aspire's own host, with nginx and programs of the tests in them.</summary>
[UnsupportedOSPlatform("windows")]
internal static class NginxApplication
{
    /// <summary>DCP comes with the AppHost's packages, and its assembly says where it lies.</summary>
    private const string AppHost = "FlaskStack.AppHost";

    private static readonly string SampleApi =
        typeof(NginxApplication).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "SampleApi").Value!;

    public static IDistributedApplicationBuilder CreateBuilder(NginxBinary binary)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { AssemblyName = AppHost, DisableDashboard = true });
        builder.Configuration.AddInMemoryCollection([
            new("Nginx:Path", binary.Location.LibraryFolder is null ? binary.Location.Path : ""),
            new("DcpPublisher:RandomizePorts", "true"),
        ]);
        return builder;
    }

    /// <summary>Adds the sample program the way an AppHost adds any project; it is run as it was built.</summary>
    public static IResourceBuilder<ProjectResource> AddSample(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddProject(name, Path.GetFullPath("../../../../SampleApi.csproj", SampleApi), launchProfileName: null)
            .WithAnnotation(new ExecutableAnnotation { Command = SampleApi, WorkingDirectory = Path.GetDirectoryName(SampleApi)! });

    /// <summary>Keeps what the AppHost logs itself.</summary>
    public static ConcurrentQueue<string> RecordLog(this IDistributedApplicationBuilder builder)
    {
        var recorder = new Recorder();
        builder.Services.AddLogging(logging => logging.AddProvider(recorder));
        return recorder.Lines;
    }

    public static HttpClient Client(string url) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(60) };

    private sealed class Recorder : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(categoryName, Lines);

        public void Dispose()
        {
        }

        private sealed class Logger(string category, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)}");
        }
    }
}
