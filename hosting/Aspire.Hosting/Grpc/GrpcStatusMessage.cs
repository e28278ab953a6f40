using System.Text;

namespace Aspire.Hosting.Grpc;

/// <summary>Writes a status message as a header value may hold it: UTF-8, with percent signs for all but printable ASCII.</summary>
internal static class GrpcStatusMessage
{
    private const byte FirstPrintable = 0x20;
    private const byte LastPrintable = 0x7E;

    public static string Encode(string message)
    {
        if (message.All(static character => IsPlain(character)))
        {
            return message;
        }

        var encoded = new StringBuilder(message.Length * 2);
        foreach (var octet in Encoding.UTF8.GetBytes(message))
        {
            _ = IsPlain((char)octet) ? encoded.Append((char)octet) : encoded.Append('%').Append(octet.ToString("X2", null));
        }

        return encoded.ToString();
    }

    private static bool IsPlain(char character) => character is >= (char)FirstPrintable and <= (char)LastPrintable and not '%';
}
