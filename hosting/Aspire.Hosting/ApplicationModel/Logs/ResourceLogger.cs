using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Writes log entries to the log of a resource. Entries of level Error and above are error lines.</summary>
internal sealed class ResourceLogger(ResourceLoggerService service, string name) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var text = formatter(state, exception);
        service.Write(name, exception is null ? text : $"{text}{Environment.NewLine}{exception}", logLevel >= LogLevel.Error);
    }
}
