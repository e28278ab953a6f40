using System.Globalization;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

internal sealed class TelemetryValidator : INginxValidator
{
    public IEnumerable<string> Validate(NginxConfiguration configuration)
    {
        var telemetry = configuration.Telemetry;
        return Range.Errors(
            Range.Check("WithTelemetry: FullRate", telemetry.FullRate, 0, 1_000_000),
            CheckShare(telemetry.ShareAbove),
            Range.Check("WithTelemetry: CountedRate", telemetry.CountedRate, 100, 1_000_000),
            Range.Check("WithTelemetry: ScrapeInterval", telemetry.ScrapeInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)));
    }

    private static string? CheckShare(double share) =>
        share is >= 0 and <= 1
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"WithTelemetry: ShareAbove is {share}; it must be from 0 to 1.");
}
