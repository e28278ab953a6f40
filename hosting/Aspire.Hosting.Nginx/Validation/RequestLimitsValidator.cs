using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

internal sealed class RequestLimitsValidator : INginxValidator
{
    private const long KiB = 1024;

    public IEnumerable<string> Validate(NginxConfiguration configuration)
    {
        var limits = configuration.Limits;
        var errors = Range.Errors(
            Range.Check("WithRequestLimits: MaxBodySize", limits.MaxBodySize, 1, KiB * KiB * KiB * KiB),
            Range.Check("WithRequestLimits: BodyBufferSize", limits.BodyBufferSize, KiB, KiB * KiB * KiB),
            Range.Check("WithRequestLimits: MaxHeaderSize", limits.MaxHeaderSize, KiB, KiB * KiB),
            Range.Check("WithRequestLimits: HeaderBuffers", limits.HeaderBuffers, 1, 64),
            Range.Check("WithRequestLimits: RequestsPerSecond", limits.RequestsPerSecond, 1, 1_000_000),
            Range.Check("WithRequestLimits: Burst", limits.Burst, 0, 1_000_000),
            Range.Check("WithRequestLimits: ConnectionsPerClient", limits.ConnectionsPerClient, 1, 65_535));

        return limits is { Burst: > 0, RequestsPerSecond: null }
            ? errors.Append("WithRequestLimits: Burst has no meaning without RequestsPerSecond; set both or neither.")
            : errors;
    }
}
