using System.Buffers;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Reads one stream of a process into a sink, without a thread of its own while there is nothing to read.</summary>
internal sealed partial class ConsoleReader(string displayName, IConsoleSink sink, TimeProvider timeProvider, ILogger logger)
{
    // What a pipe of Linux holds by default.
    private const int BufferBytes = 64 * 1024;

    // A flooding process must not keep a thread-pool thread for itself.
    private const int ReadsBeforeYield = 16;

    private bool _sinkFailed;

    /// <summary>Reads to the end of the stream, or until cancelled, and closes it. Never throws.</summary>
    public async Task ReadAsync(Stream stream, bool isError, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var utc = DateTime.MinValue;
        using var splitter = new LineSplitter(line => Write(utc, line, isError));
        try
        {
            for (var reads = 1; ; reads++)
            {
                var length = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                utc = timeProvider.GetUtcNow().UtcDateTime;
                if (length == 0)
                {
                    break;
                }

                splitter.Push(buffer.AsSpan(0, length));
                if (reads % ReadsBeforeYield == 0)
                {
                    await Task.Yield();
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Someone outside the process's group still holds the pipe: what came so far is what there is.
            utc = timeProvider.GetUtcNow().UtcDateTime;
        }

        splitter.Complete();
        ArrayPool<byte>.Shared.Return(buffer);
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private void Write(DateTime utc, string line, bool isError)
    {
        try
        {
            sink.Write(utc, line, isError);
        }
#pragma warning disable CA1031 // The process would block on a full pipe if reading ended here.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_sinkFailed)
            {
                _sinkFailed = true;
                Log.SinkFailed(logger, displayName, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Console output of {Process} is lost in part: the receiver failed.")]
        public static partial void SinkFailed(ILogger logger, string process, Exception exception);
    }
}
