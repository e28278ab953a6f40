using System.Globalization;
using System.Text;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Request paths, which are written as in a URL and which nginx compares after decoding them.</summary>
internal static class RequestPath
{
    private const string OtherCharacters = "-._~@:+,=/";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The path as nginx compares it.</summary>
    /// <returns>Null for a path that no request has, or that nginx's configuration cannot hold.</returns>
    public static string? Decode(string path)
    {
        if (!path.StartsWith('/') || TextOf(path) is not { } decoded)
        {
            return null;
        }

        // Before it compares, nginx resolves these.
        var isResolved = decoded.Contains("//", StringComparison.Ordinal) || decoded.Split('/').Any(static part => part is "." or "..");
        return isResolved ? null : decoded;
    }

    /// <summary>The path as nginx compares it, without the slash at the end, so that two spellings of a path are one text.</summary>
    public static string Normalize(string path)
    {
        var text = Decode(path) ?? path;
        return text == "/" ? text : text.TrimEnd('/');
    }

    private static string? TextOf(string path)
    {
        var bytes = new List<byte>(path.Length);
        for (var index = 0; index < path.Length; index++)
        {
            if (path[index] != '%')
            {
                if (!char.IsAsciiLetterOrDigit(path[index]) && !OtherCharacters.Contains(path[index], StringComparison.Ordinal))
                {
                    return null;
                }

                bytes.Add((byte)path[index]);
                continue;
            }

            if (index + 2 >= path.Length || !IsText(path.AsSpan(index + 1, 2), out var value))
            {
                return null;
            }

            bytes.Add(value);
            index += 2;
        }

        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Whether it is neither a slash, which would be two paths, nor a control character, nor what begins a variable.</summary>
    private static bool IsText(ReadOnlySpan<char> digits, out byte value) =>
        byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        && value is > 0x1f and not (0x7f or (byte)'/' or (byte)'$');
}
