namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>The methods OpenTelemetry knows (RFC 9110 and PATCH); any other is one of a kind, so that clients cannot invent series.</summary>
internal static class HttpMethods
{
    public const string Other = "_OTHER";

    private static readonly string[] Known = ["GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE"];
    private static readonly byte[][] KnownBytes = [.. Known.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>The number of a method.</summary>
    public static int NumberOf(ReadOnlySpan<byte> method)
    {
        for (var number = 0; number < KnownBytes.Length; number++)
        {
            if (KnownBytes[number].AsSpan().SequenceEqual(method))
            {
                return number;
            }
        }

        return KnownBytes.Length;
    }

    public static string NameOf(int number) => number < Known.Length ? Known[number] : Other;
}
