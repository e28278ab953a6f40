using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Applications on Aspire's own host, with nginx and programs of the tests in them.</summary>
[UnsupportedOSPlatform("windows")]
internal static class NginxApplication
{
    public static IDistributedApplicationBuilder CreateBuilder(NginxBinary binary)
    {
        var builder = TestApplication.CreateBuilder();
        builder.Configuration["Nginx:Path"] = binary.Location.LibraryFolder is null ? binary.Location.Path : "";
        return builder;
    }

    /// <summary>Keeps what the AppHost logs itself.</summary>
    public static ConcurrentQueue<string> RecordLog(this IDistributedApplicationBuilder builder)
    {
        var recorder = new Recorder();
        builder.Services.AddLogging(logging => logging.AddProvider(recorder));
        return recorder.Lines;
    }

    public static HttpClient Client(string url) =>
        new(new RepeatingHandler(new SocketsHttpHandler { UseProxy = false }))
        {
            BaseAddress = new Uri(url),
            Timeout = TimeSpan.FromSeconds(60),
        };

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

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)}");
        }
    }
}
