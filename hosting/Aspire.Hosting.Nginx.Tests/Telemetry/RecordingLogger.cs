using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly Channel<string> _channel = Channel.CreateUnbounded<string>();

    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Records with values.</summary>
    public ConcurrentQueue<(LogLevel Level, string Message, Dictionary<string, object?> Values)> Records { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        Lines.Enqueue(line);
        if (state is IEnumerable<KeyValuePair<string, object?>> values)
        {
            Records.Enqueue((logLevel, line, new(values)));
        }

        _channel.Writer.TryWrite(line);
    }

    /// <summary>The next line that holds a text.</summary>
    public async Task<string> NextAsync(string text)
    {
        while (true)
        {
            var line = await _channel.Reader.ReadAsync();
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }
    }
}
