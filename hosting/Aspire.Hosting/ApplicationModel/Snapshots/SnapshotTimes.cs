namespace Aspire.Hosting.ApplicationModel;

/// <summary>Times of snapshots are in UTC; one that does not say so is taken to be.</summary>
internal static class SnapshotTimes
{
    public static DateTime ToUtc(this DateTime time) =>
        time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime();
}
