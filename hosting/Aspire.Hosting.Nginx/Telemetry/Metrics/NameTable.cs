using Aspire.Hosting.Nginx.Telemetry.AccessLog;

namespace Aspire.Hosting.Nginx.Telemetry.Metrics;

/// <summary>Gives small numbers to the names it meets, without making a string of one it knows. Beyond its room all names are one.</summary>
internal sealed class NameTable(int room)
{
    /// <summary>The number of the empty name.</summary>
    public const int None = 0;

    private readonly List<byte[]> _bytes = [[]];
    private readonly List<string> _texts = [""];

    public int NumberOf(ReadOnlySpan<byte> name)
    {
        for (var number = 0; number < _bytes.Count; number++)
        {
            if (_bytes[number].AsSpan().SequenceEqual(name))
            {
                return number;
            }
        }

        return _bytes.Count > room ? OtherNumber() : Add(name.ToArray(), AccessLogText.Decode(name));
    }

    public string TextOf(int number) => _texts[number];

    private int OtherNumber() => _bytes.Count > room + 1 ? room + 1 : Add([], "_OTHER");

    private int Add(byte[] bytes, string text)
    {
        _bytes.Add(bytes);
        _texts.Add(text);
        return _bytes.Count - 1;
    }
}
