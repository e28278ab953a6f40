using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

internal sealed class TimeoutsValidator : INginxValidator
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    public IEnumerable<string> Validate(NginxConfiguration configuration)
    {
        var timeouts = configuration.Timeouts;
        return Range.Errors(
            Range.Check("WithTimeouts: ClientHeader", timeouts.ClientHeader, Shortest, Longest),
            Range.Check("WithTimeouts: ClientBody", timeouts.ClientBody, Shortest, Longest),
            Range.Check("WithTimeouts: ClientSend", timeouts.ClientSend, Shortest, Longest),
            Range.Check("WithTimeouts: ClientKeepAlive", timeouts.ClientKeepAlive, Shortest, Longest),
            Range.Check("WithTimeouts: ProxyConnect", timeouts.ProxyConnect, Shortest, TimeSpan.FromSeconds(75)),
            Range.Check("WithTimeouts: ProxyRead", timeouts.ProxyRead, Shortest, Longest),
            Range.Check("WithTimeouts: ProxySend", timeouts.ProxySend, Shortest, Longest),
            Range.Check("WithTimeouts: Session", timeouts.Session, Shortest, Longest),
            Range.Check("WithTimeouts: Shutdown", timeouts.Shutdown ?? Shortest, Shortest, Longest),
            Range.Check("WithTimeouts: Drain", timeouts.Drain, Shortest, Longest));
    }
}
