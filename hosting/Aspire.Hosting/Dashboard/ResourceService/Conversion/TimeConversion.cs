using Aspire.Hosting.ApplicationModel;
using Google.Protobuf.WellKnownTypes;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

internal static class TimeConversion
{
    public static Timestamp? ToMessage(DateTime? time) => time is { } value ? Timestamp.FromDateTime(value.ToUtc()) : null;

    /// <summary>The time as text, in the form that reads back as the same time.</summary>
    public static string? ToText(DateTime? time) => time is { } value ? value.ToUtc().ToString("O") : null;
}
