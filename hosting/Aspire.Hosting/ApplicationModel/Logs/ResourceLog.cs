namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The log of one resource instance: the newest lines in a ring that is bounded by lines and by bytes. Readers hold a
/// position in it and nothing else, so that a slow one costs no memory and never holds up the writer.
/// </summary>
internal sealed class ResourceLog(string name)
{
    public const int MaximumLines = 10_000;
    public const int MaximumBytes = 8 * 1024 * 1024;
    public const int MaximumLineLength = 64 * 1024;

    private const int InitialCapacity = 64;
    private const int BytesPerCharacter = sizeof(char);

    private readonly Lock _gate = new();
    private LogLine[] _ring = new LogLine[InitialCapacity];
    private AsyncSignal[] _readers = [];
    private int _start;
    private int _count;
    private long _bytes;
    private long _lastNumber;
    private long _clearedNumber;
    private int _completions;
    private bool _completed;

    public string Name { get; } = name;

    public bool HasReaders => Volatile.Read(ref _readers).Length > 0;

    /// <summary>Adds a line. A completed log is open again.</summary>
    public void Append(string content, bool isError)
    {
        AsyncSignal[] readers;
        lock (_gate)
        {
            var bytes = (long)content.Length * BytesPerCharacter;
            while (_count == MaximumLines || (_count > 0 && _bytes + bytes > MaximumBytes))
            {
                DropOldest();
            }

            if (_count == _ring.Length)
            {
                Grow();
            }

            _completed = false;
            _ring[(_start + _count) % _ring.Length] = new LogLine(LineNumber(++_lastNumber), content, isError);
            _count++;
            _bytes += bytes;
            readers = _readers;
        }

        Wake(readers);
    }

    /// <summary>Ends the readers of today once they have read what there is.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            _completions++;
        }

        Wake(_readers);
    }

    public void Clear()
    {
        lock (_gate)
        {
            Array.Clear(_ring);
            _start = 0;
            _count = 0;
            _bytes = 0;
            _clearedNumber = _lastNumber;
        }
    }

    /// <summary>Begins to wake a reader; says whether it is the first one.</summary>
    public bool AddReader(AsyncSignal signal)
    {
        lock (_gate)
        {
            _readers = [.. _readers, signal];
            return _readers.Length == 1;
        }
    }

    /// <summary>No longer wakes a reader; says whether it was the last one.</summary>
    public bool RemoveReader(AsyncSignal signal)
    {
        lock (_gate)
        {
            _readers = [.. _readers.Where(reader => !ReferenceEquals(reader, signal))];
            return _readers.Length == 0;
        }
    }

    /// <summary>Gets how often the log has been completed, for a reader to tell a completion it has seen the start of from an older one.</summary>
    public (int Completions, bool Completed) GetCompletion()
    {
        lock (_gate)
        {
            return (_completions, _completed);
        }
    }

    /// <summary>Gets the number under which people see the line of that number: line numbers are 32 bits wide and begin anew after them.</summary>
    public static int LineNumber(long number) => (int)((number - 1) % int.MaxValue) + 1;

    /// <summary>Copies up to <paramref name="maximum"/> lines after a number.</summary>
    /// <param name="after">The number of the last line the reader has; 0 for none.</param>
    /// <param name="maximum">The most lines to copy.</param>
    public ResourceLogBatch Read(long after, int maximum)
    {
        lock (_gate)
        {
            var oldest = _lastNumber - _count + 1;
            var dropped = Math.Max(0, oldest - 1 - Math.Max(after, _clearedNumber));
            var skip = (int)Math.Max(0, after - oldest + 1);
            var lines = new LogLine[Math.Clamp(_count - skip, 0, maximum)];
            for (var i = 0; i < lines.Length; i++)
            {
                lines[i] = _ring[(_start + skip + i) % _ring.Length];
            }

            return new ResourceLogBatch(lines, FirstNumber: oldest + skip, dropped);
        }
    }

    private static void Wake(AsyncSignal[] readers)
    {
        foreach (var reader in readers)
        {
            reader.Set();
        }
    }

    private void DropOldest()
    {
        _bytes -= (long)_ring[_start].Content.Length * BytesPerCharacter;
        _ring[_start] = default;
        _start = (_start + 1) % _ring.Length;
        _count--;
    }

    private void Grow()
    {
        var larger = new LogLine[Math.Min(MaximumLines, _ring.Length * 2)];
        for (var i = 0; i < _count; i++)
        {
            larger[i] = _ring[(_start + i) % _ring.Length];
        }

        _ring = larger;
        _start = 0;
    }
}
