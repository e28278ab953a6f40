using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Hosting.Processes;

/// <summary>Keeps what was logged at Warning or above, and lets a test wait for it.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly Channel<string> _messages = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _all = [];

    public IReadOnlyCollection<string> Warnings => _all;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _all.Enqueue(formatter(state, exception));
            _messages.Writer.TryWrite(formatter(state, exception));
        }
    }

    public Task<string> NextAsync() => _messages.Reader.ReadAsync().AsTask().InTime();
}
