using System.Globalization;

namespace Aspire.Hosting.Grpc;

/// <summary>Reads the time a caller gives a call: up to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    private const int MaximumDigits = 8;
    private const double MicrosecondsPerNanosecond = 0.001;

    /// <exception cref="GrpcException">The header does not say a time.</exception>
    public static TimeSpan? Parse(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            return null;
        }

        var digits = header.AsSpan(0, header.Length - 1);
        if (digits.Length > MaximumDigits || !uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            throw Malformed(header);
        }

        return header[^1] switch
        {
            'H' => TimeSpan.FromHours(amount),
            'M' => TimeSpan.FromMinutes(amount),
            'S' => TimeSpan.FromSeconds(amount),
            'm' => TimeSpan.FromMilliseconds(amount),
            'u' => TimeSpan.FromMicroseconds(amount),
            'n' => TimeSpan.FromMicroseconds(amount * MicrosecondsPerNanosecond),
            _ => throw Malformed(header),
        };
    }

    private static GrpcException Malformed(string header)
        => new(GrpcStatusCode.Internal, $"The header {GrpcHeaders.Timeout} is '{header}', which is not a time.");
}
