using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>One request as the access log has it. It refers to the message it was read from, and holds no copy.</summary>
internal ref struct AccessLogEntry
{
    private static readonly byte[][] Names = [.. AccessLogFormat.Names.Select(Encoding.ASCII.GetBytes)];

    private ReadOnlySpan<byte> _message;
    private Span<Range> _fields;

    /// <summary>How many fields an entry has room for.</summary>
    public static int FieldCount => Names.Length;

    /// <summary>Whether the trace of the request is sampled, in the resources behind nginx too.</summary>
    public readonly bool IsSampled => this[AccessLogField.TraceFlags].SequenceEqual("01"u8);

    /// <summary>For how many requests it stands.</summary>
    public readonly int Weight => Math.Max(1, AccessLogText.Number(this[AccessLogField.TraceWeight]));

    /// <summary>Whether it failed, or had to be sent to more than one member.</summary>
    public readonly bool HasFailed =>
        this[AccessLogField.Status].StartsWith("5"u8)
        || this[AccessLogField.UpstreamStatus].StartsWith("5"u8)
        || this[AccessLogField.UpstreamStatus].ContainsAny((byte)',', (byte)':');

    /// <summary>The field's value, in which quotes and control characters are still escaped; empty where there is none.</summary>
    public readonly ReadOnlySpan<byte> this[AccessLogField field] => _message[_fields[(int)field]];

    /// <summary>The field's value as text.</summary>
    public readonly string Text(AccessLogField field) => AccessLogText.Decode(this[field]);

    /// <summary>The field's value in milliseconds, or null.</summary>
    public readonly long? Milliseconds(AccessLogField field) => AccessLogText.Milliseconds(this[field]);

    /// <summary>Reads the JSON object of a message.</summary>
    /// <param name="message">The object; what a cut one still has is read.</param>
    /// <param name="fields">Room for <see cref="FieldCount"/> ranges.</param>
    /// <param name="entry">The request.</param>
    /// <returns>Whether it has at least a status and a duration.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, Span<Range> fields, out AccessLogEntry entry)
    {
        fields.Clear();
        entry = new() { _message = message, _fields = fields };
        var reader = new Utf8JsonReader(message, isFinalBlock: false, state: default);
        var next = -1;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName
                    && (next = Find(reader.ValueSpan, next)) >= 0
                    && reader.Read()
                    && reader.TokenType == JsonTokenType.String)
                {
                    var start = (int)reader.TokenStartIndex + 1;
                    fields[next] = start..(start + reader.ValueSpan.Length);
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return !entry[AccessLogField.Status].IsEmpty && !entry[AccessLogField.RequestTime].IsEmpty;
    }

    /// <summary>nginx writes the fields in our order, so the next one is almost always the one after the last.</summary>
    private static int Find(ReadOnlySpan<byte> name, int last)
    {
        for (var offset = 0; offset < FieldCount; offset++)
        {
            var field = (last + offset + 1) % FieldCount;
            if (Names[field].AsSpan().SequenceEqual(name))
            {
                return field;
            }
        }

        return -1;
    }
}

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
    public static int Number(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out int number, out var used) && used == digits.Length ? number : 0;

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
        'u' when value.Length >= 6 && byte.TryParse(value[4..6], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var character) =>
            (character, 6),
        _ => (value[1], 2),
    };
}
