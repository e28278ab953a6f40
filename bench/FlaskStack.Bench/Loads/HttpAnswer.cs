using System.Text;

namespace FlaskStack.Bench.Loads;

/// <summary>A whole answer.</summary>
/// <param name="Status">Its status code.</param>
/// <param name="Body">Its body.</param>
/// <param name="WireLength">How many bytes it took on the connection, head included.</param>
internal sealed record HttpAnswer(int Status, byte[] Body, int WireLength)
{
    private const int StatusStart = 9;
    private const int StatusLength = 3;
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();

    /// <summary>Reads an answer of HTTP/1.1; null when bytes are still missing.</summary>
    /// <exception cref="FormatException">It is no answer.</exception>
    public static HttpAnswer? Parse(ReadOnlySpan<byte> bytes)
    {
        var headLength = bytes.IndexOf(HeadEnd);
        if (headLength < 0)
        {
            return null;
        }

        var head = Encoding.ASCII.GetString(bytes[..headLength]);
        if (!head.StartsWith("HTTP/1.", StringComparison.Ordinal) || head.Length < StatusStart + StatusLength)
        {
            throw new FormatException("The answer is not HTTP/1.1.");
        }

        var status = int.Parse(head.AsSpan(StatusStart, StatusLength), NumberStyles.None, CultureInfo.InvariantCulture);
        var bodyStart = headLength + HeadEnd.Length;
        var rest = bytes[bodyStart..];
        return Header(head, "Transfer-Encoding") == "chunked"
            ? Chunked(status, rest, bodyStart)
            : Sized(status, rest, bodyStart, int.Parse(Header(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture));
    }

    private static HttpAnswer? Sized(int status, ReadOnlySpan<byte> rest, int bodyStart, int length) =>
        rest.Length < length ? null : new(status, rest[..length].ToArray(), bodyStart + length);

    private static HttpAnswer? Chunked(int status, ReadOnlySpan<byte> rest, int bodyStart)
    {
        var body = new List<byte>();
        var position = 0;
        while (rest[position..].IndexOf(LineEnd) is var lineLength && lineLength >= 0)
        {
            var size = int.Parse(rest.Slice(position, lineLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            var start = position + lineLength + LineEnd.Length;
            var next = start + size + LineEnd.Length;
            if (next > rest.Length)
            {
                return null;
            }

            if (size == 0)
            {
                return new(status, [.. body], bodyStart + next);
            }

            body.AddRange(rest.Slice(start, size));
            position = next;
        }

        return null;
    }

    private static string? Header(string head, string name) =>
        head.Split("\r\n")
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim())
            .FirstOrDefault();
}
