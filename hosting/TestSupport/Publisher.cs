using System.Collections.Concurrent;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TestSupport;

/// <summary>Publishes a small model in this process, on the real pipeline.</summary>
internal static class Publisher
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <exception cref="DistributedApplicationException">A step has failed: the host itself logs that and returns.</exception>
    public static async Task RunAsync(string step, string output, string projectFolder, Action<IDistributedApplicationBuilder> declare)
    {
        using var errors = new ErrorRecorder();
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--operation", "publish", "--step", step, "--output-path", output],
            AssemblyName = typeof(Publisher).Assembly.GetName().Name,
            DisableDashboard = true,
            ProjectDirectory = projectFolder,
        });
        builder.Services.AddLogging(logging => logging.ClearProviders().AddProvider(errors));
        declare(builder);
        var application = builder.Build();
        await using (application)
        {
            await application.RunAsync().WaitAsync(Deadline);
        }

        if (errors.Messages.TryPeek(out var message))
        {
            throw new DistributedApplicationException(message);
        }
    }

    public static async Task<string> FailureAsync(
        string step,
        string output,
        string projectFolder,
        Action<IDistributedApplicationBuilder> declare) =>
        (await Assert.ThrowsAnyAsync<DistributedApplicationException>(() => RunAsync(step, output, projectFolder, declare))).Message;

    /// <summary>A project with nothing but a file.</summary>
    public static IResourceBuilder<ProjectResource> AddSmallProject(this IDistributedApplicationBuilder builder, string name)
    {
        var file = Path.Join(builder.AppHostDirectory, name, $"{name}.csproj");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "<Project />");
        return builder.AddProject(name, file).WithHttpEndpoint();
    }

    private sealed class ErrorRecorder : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Messages.Enqueue(exception?.Message ?? formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
