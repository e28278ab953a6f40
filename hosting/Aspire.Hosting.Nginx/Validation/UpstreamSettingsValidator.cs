using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

internal sealed class UpstreamSettingsValidator : INginxValidator
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public IEnumerable<string> Validate(NginxConfiguration configuration)
    {
        var upstream = configuration.Upstream;
        var errors = Range.Errors(
            Range.Check("WithUpstream: KeepAliveConnections", upstream.KeepAliveConnections, 0, 65_535),
            Range.Check("WithUpstream: KeepAliveTimeout", upstream.KeepAliveTimeout, Shortest, Longest),
            Range.Check("WithUpstream: MaxFails", upstream.MaxFails, 0, 1_000),
            Range.Check("WithUpstream: FailTimeout", upstream.FailTimeout, TimeSpan.Zero, Longest),
            Range.Check("WithUpstream: Tries", upstream.Tries, 1, 100),
            Range.Check("WithUpstream: TriesTimeout", upstream.TriesTimeout, Shortest, Longest));

        return Enum.IsDefined(upstream.LoadBalancing)
            ? errors
            : errors.Append($"WithUpstream: LoadBalancing is {upstream.LoadBalancing}; it must be one of {string.Join(", ", Enum.GetNames<NginxLoadBalancing>())}.");
    }
}
