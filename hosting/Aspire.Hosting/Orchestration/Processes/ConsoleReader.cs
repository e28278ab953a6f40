using System.Buffers;
using System.IO.Pipes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Reads one stream of a process into a sink, without a thread of its own while there is nothing to read.</summary>
internal sealed partial class ConsoleReader(string displayName, IConsoleSink sink, TimeProvider timeProvider, ILogger logger)
{
    // What a pipe of Linux holds by default.
    private const int BufferBytes = 64 * 1024;

    // A flooding process must not keep a thread-pool thread for itself.
    private const int ReadsBeforeYield = 16;

    // What is taken from a pipe that somebody keeps open, once its time is over.
    private const int LastBytes = 1024 * 1024;

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
        catch (OperationCanceledException)
        {
            // Someone outside the process's group still holds the pipe: what came so far is what there is.
            utc = timeProvider.GetUtcNow().UtcDateTime;
            TakeWhatWaits(stream, buffer, splitter);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            utc = timeProvider.GetUtcNow().UtcDateTime;
        }

        splitter.Complete();
        ArrayPool<byte>.Shared.Return(buffer);
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    /// <remarks>A busy machine may have left no time to read at all; and who holds the pipe may write for ever.</remarks>
    private static void TakeWhatWaits(Stream stream, byte[] buffer, LineSplitter splitter)
    {
        for (var taken = 0; taken < LastBytes && stream is PipeStream pipe && HasSomething(pipe);)
        {
            var length = pipe.Read(buffer);
            if (length == 0)
            {
                return;
            }

            splitter.Push(buffer.AsSpan(0, length));
            taken += length;
        }
    }

    private static bool HasSomething(PipeStream pipe)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var entry = new NativeMethods.PollEntry { Descriptor = (int)pipe.SafePipeHandle.DangerousGetHandle(), Requested = NativeMethods.PollReadable };
        return NativeMethods.Poll(ref entry, 1, 0) > 0 && (entry.Returned & NativeMethods.PollReadable) != 0;
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
