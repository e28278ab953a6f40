using Google.Protobuf.WellKnownTypes;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

/// <summary>Times of snapshots are in UTC; one that does not say so is taken to be.</summary>
internal static class TimeConversion
{
    public static Timestamp? ToMessage(DateTime? time) => time is { } value ? Timestamp.FromDateTime(ToUtc(value)) : null;

    /// <summary>The time as text, in the form that reads back as the same time.</summary>
    public static string? ToText(DateTime? time) => time is { } value ? ToUtc(value).ToString("O") : null;

    private static DateTime ToUtc(DateTime time)
        => time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime();
}
