using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Dashboard;

/// <summary>What the dashboard logs, read where a user reads it: in the AppHost's log.</summary>
internal sealed class DashboardLog
{
    private const string Category = "Aspire.Hosting.Dashboard";
    private const string LoginStart = "Login to the dashboard at ";

    private readonly TaskCompletionSource<Uri> _login = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _problems = new();

    /// <summary>Where a user logs in.</summary>
    public Task<Uri> Login => _login.Task;

    public ILoggerProvider CreateProvider() => new Logger(this, "");

    /// <summary>The warnings and errors of the dashboard since the last call.</summary>
    public IEnumerable<string> TakeProblems()
    {
        while (_problems.TryDequeue(out var problem))
        {
            yield return problem;
        }
    }

    private void Add(string category, LogLevel level, string line, Exception? exception)
    {
        if (line.StartsWith(LoginStart, StringComparison.Ordinal))
        {
            _login.TrySetResult(new Uri(line[LoginStart.Length..]));
        }
        else if (level >= LogLevel.Warning && category.StartsWith(Category, StringComparison.Ordinal))
        {
            _problems.Enqueue($"{level} of the dashboard: {line} {exception}");
        }
    }

    private sealed class Logger(DashboardLog log, string category) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => new Logger(log, categoryName);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
            => log.Add(category, logLevel, formatter(state, exception), exception);

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
