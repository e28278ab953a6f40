using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Health;

/// <summary>Tells reports that say something new from those that only say it again: every report changes a row that many follow.</summary>
internal sealed class HealthNews(TimeProvider time)
{
    /// <summary>So often the row shows that its checks still run.</summary>
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(30);

    private HealthReportSnapshot[]? _told;
    private long _toldAt;

    public bool Has(IReadOnlyList<HealthReportSnapshot> reports)
    {
        HealthReportSnapshot[] content = [.. reports.Select(report => report with { LastRunAt = null })];
        if (_told is not null && time.GetElapsedTime(_toldAt) < Reminder && content.SequenceEqual(_told))
        {
            return false;
        }

        (_told, _toldAt) = (content, time.GetTimestamp());
        return true;
    }
}
