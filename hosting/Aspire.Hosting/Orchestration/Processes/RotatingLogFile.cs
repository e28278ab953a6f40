using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Writes console lines to <c>name.log</c>, with older ones in <c>name.log.1</c> and so on, readable by the user alone. Writing never
/// holds a process up: lines queue in bounded memory and are written together whenever the writer gets to them; what does not fit is
/// counted in the file. When the disk fails there is one warning, and another try after a pause.
/// </summary>
internal sealed partial class RotatingLogFile : IConsoleSink, IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    // What a queued line takes beside its characters.
    private const int EntryBytes = 64;

    private readonly Channel<(DateTime Utc, string Line)> _queue =
        Channel.CreateUnbounded<(DateTime, string)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly string _path;
    private readonly RotatingLogOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly MemoryStream _buffer = new(BufferBytes);
    private readonly Task _writing;
    private FileStream? _file;
    private long _fileBytes;
    // Lines that are gone if the buffer cannot be written, those included that a marker in it stands for.
    private long _bufferedLines;
    private long? _failedAt;
    private long _queuedBytes;
    private long _dropped;

    /// <summary>Opens <paramref name="path"/>, appending to what is there.</summary>
    public RotatingLogFile(string path, RotatingLogOptions options, TimeProvider timeProvider, ILogger<RotatingLogFile> logger)
    {
        _path = path;
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _writing = Task.Run(WriteAllAsync);
    }

    /// <inheritdoc/>
    public void Write(DateTime utc, string line, bool isError)
    {
        if (Interlocked.Add(ref _queuedBytes, MemoryOf(line)) > _options.MaximumQueuedBytes || !_queue.Writer.TryWrite((utc, line)))
        {
            Interlocked.Add(ref _queuedBytes, -MemoryOf(line));
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Writes what is queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        _buffer.Dispose();
    }

    private static long MemoryOf(string line) => ((long)line.Length * sizeof(char)) + EntryBytes;

    private async Task WriteAllAsync()
    {
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out var entry))
            {
                Interlocked.Add(ref _queuedBytes, -MemoryOf(entry.Line));
                AppendDropped(entry.Utc);
                Append(entry.Utc, entry.Line);
                _bufferedLines++;
                if (_buffer.Length >= BufferBytes)
                {
                    Flush();
                }
            }

            // Nothing waits: what there is goes out now, so that a reader of the file sees it.
            Flush();
        }

        AppendDropped(_timeProvider.GetUtcNow().UtcDateTime);
        Flush();
        if (_file is not null)
        {
            await _file.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void AppendDropped(DateTime utc)
    {
        var dropped = Interlocked.Exchange(ref _dropped, 0);
        if (dropped > 0)
        {
            Append(utc, string.Create(CultureInfo.InvariantCulture, $"[{dropped} lines were not written]"));
            _bufferedLines += dropped;
        }
    }

    private void Append(DateTime utc, string line)
    {
        Span<byte> stamp = stackalloc byte[32];
        utc.TryFormat(stamp, out var length, "yyyy-MM-ddTHH:mm:ss.fff'Z '", CultureInfo.InvariantCulture);
        _buffer.Write(stamp[..length]);
        var start = (int)_buffer.Length;
        _buffer.SetLength(start + Encoding.UTF8.GetMaxByteCount(line.Length) + 1);
        var written = Encoding.UTF8.GetBytes(line, _buffer.GetBuffer().AsSpan(start));
        _buffer.SetLength(start + written);
        _buffer.Position = start + written;
        _buffer.WriteByte((byte)'\n');
    }

    private void Flush()
    {
        if (_buffer.Length == 0)
        {
            return;
        }

        try
        {
            Write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Fail(exception);
        }

        _bufferedLines = 0;
        _buffer.SetLength(0);
    }

    private void Write()
    {
        if (_failedAt is { } failed && _timeProvider.GetElapsedTime(failed) < _options.RetryInterval)
        {
            Interlocked.Add(ref _dropped, _bufferedLines);
            return;
        }

        if (_file is not null && _fileBytes >= _options.MaximumBytes)
        {
            Rotate();
        }

        Open().Write(_buffer.GetBuffer().AsSpan(0, (int)_buffer.Length));
        _fileBytes += _buffer.Length;
        if (_failedAt is not null)
        {
            _failedAt = null;
            Log.Recovered(_logger, _path);
        }
    }

    private FileStream Open()
    {
        if (_file is not null)
        {
            return _file;
        }

        UserFolders.Create(Path.GetDirectoryName(_path)!);
        if (File.Exists(_path) && new FileInfo(_path).Length >= _options.MaximumBytes)
        {
            Shift();
        }

        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        _file = new FileStream(_path, options);
        _fileBytes = _file.CanSeek ? _file.Length : 0;
        return _file;
    }

    private void Rotate()
    {
        _file?.Dispose();
        _file = null;
        Shift();
    }

    private void Shift()
    {
        for (var index = _options.MaximumFiles - 1; index > 0; index--)
        {
            var source = index == 1 ? _path : Numbered(index - 1);
            if (File.Exists(source))
            {
                File.Move(source, Numbered(index), overwrite: true);
            }
        }
    }

    private string Numbered(int index) => string.Create(CultureInfo.InvariantCulture, $"{_path}.{index}");

    private void Fail(Exception exception)
    {
        Interlocked.Add(ref _dropped, _bufferedLines);
        var first = _failedAt is null;
        _failedAt = _timeProvider.GetTimestamp();
        if (first)
        {
            Log.Failed(_logger, _path, exception.Message, _options.RetryInterval.TotalSeconds);
        }

        try
        {
            _file?.Dispose();
        }
        catch (IOException)
        {
            // What could not be written is counted already.
        }

        _file = null;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Cannot write the log file {Path}: {Reason} Console output goes on without it; next try in {Seconds} s.")]
        public static partial void Failed(ILogger logger, string path, string reason, double seconds);

        [LoggerMessage(LogLevel.Information, "The log file {Path} is written again.")]
        public static partial void Recovered(ILogger logger, string path);
    }
}
