using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Hosting.Dashboard;

/// <summary>Keeps what an application logs, and lets a test wait for a line.</summary>
internal sealed class RecordingLoggerProvider : ILoggerProvider
{
    private readonly Lock _lock = new();
    private readonly List<LoggedLine> _lines = [];
    private readonly List<(Func<LoggedLine, bool> Predicate, TaskCompletionSource<LoggedLine> Found)> _waits = [];

    public IReadOnlyList<LoggedLine> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Waits for a line that holds this text, also one that was logged before.</summary>
    public Task<LoggedLine> WaitForAsync(string text)
    {
        lock (_lock)
        {
            bool Wanted(LoggedLine line) => line.Text.Contains(text, StringComparison.Ordinal);
            if (_lines.Find(Wanted) is { } logged)
            {
                return Task.FromResult(logged);
            }

            var found = new TaskCompletionSource<LoggedLine>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waits.Add((Wanted, found));
            return found.Task;
        }
    }

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public void Dispose()
    {
    }

    private void Add(LoggedLine line)
    {
        lock (_lock)
        {
            _lines.Add(line);
            foreach (var (_, found) in _waits.Where(wait => wait.Predicate(line)))
            {
                found.TrySetResult(line);
            }
        }
    }

    private sealed class Recorder(RecordingLoggerProvider owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            owner.Add(new LoggedLine(logLevel, category, formatter(state, exception)));
    }
}
