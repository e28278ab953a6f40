using System.Threading.Channels;
using Aspire.Hosting.Cli.Primary.Messages;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Cli.Primary;

/// <summary>
/// Keeps the newest lines of the AppHost's own log for the CLI that started it, which connects a little later. A line that nobody reads
/// in time makes room for newer ones.
/// </summary>
[ProviderAlias("AspireCli")]
internal sealed class AppHostLog(TimeProvider time) : ILoggerProvider
{
    private const int KeptLines = 1000;

    private readonly Channel<AppHostLogEntry> _entries = Channel.CreateBounded<AppHostLogEntry>(
        new BoundedChannelOptions(KeptLines) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Reads the lines that are kept, and then those that come. A line is read once.</summary>
    public IAsyncEnumerable<AppHostLogEntry> ReadAllAsync(CancellationToken cancellationToken = default) => _entries.Reader.ReadAllAsync(cancellationToken);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() => _entries.Writer.TryComplete();

    private sealed class Logger(AppHostLog log, string categoryName) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            log._entries.Writer.TryWrite(new AppHostLogEntry(
                new AppHostLogEventId(eventId.Id, eventId.Name),
                (int)logLevel,
                exception is null ? text : $"{text}{Environment.NewLine}{exception}",
                log.TimeNow(),
                categoryName));
        }
    }

    private DateTimeOffset TimeNow() => time.GetUtcNow();
}
