namespace FlaskStack.Api.Testing;

/// <summary>Writes much output quickly, to try what captures it.</summary>
internal static class LogFlood
{
    /// <summary>Writes numbered lines straight to the stream.</summary>
    /// <param name="bytes">How many bytes in all, line ends included.</param>
    /// <param name="lineBytes">Bytes of one line, its end included.</param>
    /// <param name="toError">Standard error instead of standard output.</param>
    /// <param name="cancellationToken">Stops early.</param>
    /// <returns>A task that ends when all is written.</returns>
    public static async Task WriteAsync(int bytes, int lineBytes, bool toError, CancellationToken cancellationToken)
    {
        var stream = toError ? Console.OpenStandardError() : Console.OpenStandardOutput();
        await using (stream.ConfigureAwait(false))
        {
            var line = new byte[Math.Max(1, lineBytes)];
            var number = 0;
            for (var left = bytes; left > 0; left -= line.Length)
            {
                var current = line.AsMemory(0, Math.Min(left, line.Length));
                Format(current.Span, ++number);
                await stream.WriteAsync(current, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static void Format(Span<byte> line, int number)
    {
        line.Fill((byte)'x');
        number.TryFormat(line[..^1], out _, provider: System.Globalization.CultureInfo.InvariantCulture);
        line[^1] = (byte)'\n';
    }
}
