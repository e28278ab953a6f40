using Aspire.Hosting.Nginx.Telemetry.AccessLog;

namespace Aspire.Hosting.Nginx.Telemetry.Spans;

/// <summary>One member nginx passed a request to.</summary>
/// <param name="Address">Its address as nginx writes it.</param>
/// <param name="Status">What it answered, or nginx's own 502 or 504 where it did not.</param>
/// <param name="Duration">How long it took, in milliseconds.</param>
/// <param name="Connect">How long the connection took, in milliseconds; null where there was none.</param>
internal sealed record Attempt(string Address, int? Status, long? Duration, long? Connect)
{
    /// <summary>Whether there was a connection to answer over.</summary>
    public bool IsConnected => Connect is not null;

    public static IReadOnlyList<Attempt> Read(in AccessLogEntry entry)
    {
        var members = entry[AccessLogField.Member];
        var statuses = entry[AccessLogField.MemberStatus];
        var durations = entry[AccessLogField.MemberDuration];
        var connects = entry[AccessLogField.MemberConnect];
        var attempts = new List<Attempt>();
        while (!members.IsEmpty)
        {
            var member = AccessLogText.Decode(AccessLogText.TakeFirst(ref members));
            var status = AccessLogText.Number(AccessLogText.TakeFirst(ref statuses));
            var attempt = new Attempt(
                member,
                status == 0 ? null : status,
                AccessLogText.Milliseconds(AccessLogText.TakeFirst(ref durations)),
                AccessLogText.Milliseconds(AccessLogText.TakeFirst(ref connects)));

            // Where no member is left to try, nginx writes the name of the upstream in place of an address.
            if (member.Contains(':', StringComparison.Ordinal))
            {
                attempts.Add(attempt);
            }
        }

        return attempts;
    }
}
