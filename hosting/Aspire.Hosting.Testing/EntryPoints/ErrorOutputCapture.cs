using System.Text;

namespace Aspire.Hosting.Testing.EntryPoints;

/// <summary>
/// Keeps what one flow of execution writes to <see cref="Console.Error"/>, so that a test can be told why its AppHost
/// gave up. The text still goes where it went before.
/// </summary>
internal sealed class ErrorOutputCapture
{
    private const int MaximumCharacters = 4096;

    private static readonly AsyncLocal<ErrorOutputCapture?> Current = new();

    // The console is the process's: the writer is put in place once, and asks at each write whose flow it is in.
    private static readonly Lazy<CopyingWriter> Installed = new(Install);

    private readonly StringBuilder _text = new();

    /// <summary>Gets what was written since <see cref="Begin"/>: at most 4,096 characters.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>Begins to keep what the caller's flow of execution writes.</summary>
    public void Begin()
    {
        _ = Installed.Value;
        Current.Value = this;
    }

    private static CopyingWriter Install()
    {
        var writer = new CopyingWriter(Console.Error);
        Console.SetError(writer);
        return writer;
    }

    private void Append(ReadOnlySpan<char> text)
    {
        lock (_text)
        {
            _text.Append(text[..Math.Min(text.Length, MaximumCharacters - _text.Length)]);
        }
    }

    private sealed class CopyingWriter(TextWriter original) : TextWriter
    {
        public override Encoding Encoding => original.Encoding;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer)
        {
            Current.Value?.Append(buffer);
            original.Write(buffer);
        }

        public override void Flush() => original.Flush();
    }
}
