using System.Buffers;
using System.Text;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Turns bytes into lines. LF, CRLF and a lone CR end a line; an empty line between two lone CRs is a progress bar being redrawn and
/// is left out. Longer lines come in pieces of <see cref="MaximumBytes"/>. Bytes that are not UTF-8 become U+FFFD.
/// </summary>
internal sealed class LineSplitter(Action<string> onLine) : IDisposable
{
    /// <summary>Length of the pieces of an overlong line: 16 KiB.</summary>
    public const int MaximumBytes = 16 * 1024;

    private const int LongestSequence = 4;

    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    private byte[] _partial = ArrayPool<byte>.Shared.Rent(MaximumBytes);
    private int _length;
    private CarriageReturn _carriageReturn;

    private enum CarriageReturn
    {
        None,
        EndedLine,
        OnEmptyLine,
    }

    /// <summary>Takes the next bytes.</summary>
    public void Push(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_carriageReturn != CarriageReturn.None && SkipLineFeed(data[0]))
            {
                data = data[1..];
                continue;
            }

            var end = data.IndexOfAny(LineEnds);
            Append(end < 0 ? data : data[..end]);
            if (end < 0)
            {
                return;
            }

            EndLine(data[end] == (byte)'\r');
            data = data[(end + 1)..];
        }
    }

    /// <summary>The stream ended: hands out a last line without a line end.</summary>
    public void Complete()
    {
        _carriageReturn = CarriageReturn.None;
        if (_length > 0)
        {
            Emit(_length);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_partial);
        _partial = [];
        _length = 0;
    }

    private bool SkipLineFeed(byte next)
    {
        var seen = _carriageReturn;
        _carriageReturn = CarriageReturn.None;
        if (next != (byte)'\n')
        {
            return false;
        }

        if (seen == CarriageReturn.OnEmptyLine)
        {
            onLine("");
        }

        return true;
    }

    private void EndLine(bool carriageReturn)
    {
        if (carriageReturn)
        {
            _carriageReturn = _length > 0 ? CarriageReturn.EndedLine : CarriageReturn.OnEmptyLine;
        }

        if (_length > 0 || !carriageReturn)
        {
            Emit(_length);
        }
    }

    private void Append(ReadOnlySpan<byte> part)
    {
        while (_length + part.Length > MaximumBytes)
        {
            var taken = MaximumBytes - _length;
            part[..taken].CopyTo(_partial.AsSpan(_length));
            part = part[taken..];
            _length = MaximumBytes;
            Emit(WholeCharacters(_partial.AsSpan(0, MaximumBytes)));
        }

        part.CopyTo(_partial.AsSpan(_length));
        _length += part.Length;
    }

    private void Emit(int length)
    {
        onLine(Encoding.UTF8.GetString(_partial, 0, length));
        _partial.AsSpan(length, _length - length).CopyTo(_partial);
        _length -= length;
    }

    // Where to cut so that no character is torn: before a sequence that the cut would leave unfinished.
    private static int WholeCharacters(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back < LongestSequence; back++)
        {
            var value = text[^back];
            if ((value & 0b1100_0000) == 0b1000_0000)
            {
                continue;
            }

            var expected = value switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, _ => 1 };
            return expected > back ? text.Length - back : text.Length;
        }

        return text.Length;
    }
}
