using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Status = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

internal static class HealthConversion
{
    public static IEnumerable<HealthReport> ToMessages(ImmutableArray<HealthReportSnapshot> reports) => reports.OrEmpty().Select(ToMessage);

    private static HealthReport ToMessage(HealthReportSnapshot report)
    {
        var message = new HealthReport
        {
            Key = report.Name,
            Description = report.Description ?? string.Empty,
            Exception = report.ExceptionText ?? string.Empty,
            LastRunAt = TimeConversion.ToMessage(report.LastRunAt),
        };

        // A status that is absent says that the check has not run.
        if (report.Status is { } status)
        {
            message.Status = ToMessage(status);
        }

        return message;
    }

    private static HealthStatus ToMessage(Status status) => status switch
    {
        Status.Healthy => HealthStatus.Healthy,
        Status.Degraded => HealthStatus.Degraded,
        _ => HealthStatus.Unhealthy,
    };
}
