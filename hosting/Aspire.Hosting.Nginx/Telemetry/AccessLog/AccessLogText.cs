using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Aspire.Hosting.Nginx.Telemetry.AccessLog;

/// <summary>Values as nginx writes them into a JSON string.</summary>
internal static class AccessLogText
{
    private static ReadOnlySpan<byte> Comma => ", "u8;

    private static ReadOnlySpan<byte> Colon => " : "u8;

    /// <summary>The text of a value. Bytes that are no UTF-8, which a client may send, become U+FFFD.</summary>
    public static string Decode(ReadOnlySpan<byte> value)
    {
        if (!value.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(value);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(value.Length);
        try
        {
            return Encoding.UTF8.GetString(buffer.AsSpan(0, Unescape(value, buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Seconds with three decimals, as whole milliseconds; null for the hyphen that stands for none.</summary>
    public static long? Milliseconds(ReadOnlySpan<byte> seconds)
    {
        var point = seconds.IndexOf((byte)'.');
        return point > 0
            && seconds.Length == point + 4
            && Utf8Parser.TryParse(seconds[..point], out long whole, out var used)
            && used == point
            && Utf8Parser.TryParse(seconds[(point + 1)..], out uint rest, out var usedOfRest)
            && usedOfRest == 3
                ? (whole * 1000) + rest
                : null;
    }

    /// <summary>A whole number, or 0.</summary>
    public static int Number(ReadOnlySpan<byte> digits) => Utf8Parser.TryParse(digits, out int number, out var used) && used == digits.Length ? number : 0;

    /// <summary>
    /// Takes the next value of a list that has one for each attempt, separated by commas, and by a colon where an internal
    /// redirect began another series.
    /// </summary>
    public static ReadOnlySpan<byte> TakeFirst(ref ReadOnlySpan<byte> list)
    {
        var comma = list.IndexOf(Comma);
        var colon = list.IndexOf(Colon);
        var (end, separator) = colon >= 0 && (comma < 0 || colon < comma) ? (colon, Colon.Length) : (comma, Comma.Length);
        var first = end < 0 ? list : list[..end];
        list = end < 0 ? [] : list[(end + separator)..];
        return first;
    }

    private static int Unescape(ReadOnlySpan<byte> value, Span<byte> target)
    {
        var written = 0;
        while (!value.IsEmpty)
        {
            var (character, used) = value[0] == '\\' && value.Length > 1 ? Escaped(value) : (value[0], 1);
            target[written++] = character;
            value = value[used..];
        }

        return written;
    }

    private static (byte Character, int Used) Escaped(ReadOnlySpan<byte> value) => (char)value[1] switch
    {
        'n' => ((byte)'\n', 2),
        'r' => ((byte)'\r', 2),
        't' => ((byte)'\t', 2),
        'b' => ((byte)'\b', 2),
        'f' => ((byte)'\f', 2),
        'u' when value.Length >= 6 && byte.TryParse(value[4..6], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var character) => (character, 6),
        _ => (value[1], 2),
    };
}
