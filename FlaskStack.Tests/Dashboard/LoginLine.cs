using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Dashboard;

/// <summary>Reads the dashboard's login address where a user reads it: from the AppHost's log.</summary>
internal sealed class LoginLine : ILoggerProvider, ILogger
{
    private const string Start = "Login to the dashboard at ";

    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Uri> Address => _address.Task;

    public ILogger CreateLogger(string categoryName) => this;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        if (line.StartsWith(Start, StringComparison.Ordinal))
        {
            _address.TrySetResult(new Uri(line[Start.Length..]));
        }
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public void Dispose()
    {
        // Nothing is held.
    }
}
