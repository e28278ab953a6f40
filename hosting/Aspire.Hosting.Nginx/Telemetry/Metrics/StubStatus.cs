using System.Globalization;
using System.Text.RegularExpressions;

namespace Aspire.Hosting.Nginx.Telemetry.Metrics;

/// <summary>What <c>stub_status</c> says.</summary>
internal sealed partial record StubStatus(long Active, long Accepted, long Handled, long Requests, long Reading, long Writing, long Waiting)
{
    public static StubStatus? Parse(string text) =>
        Pattern().Match(text) is { Success: true } match
            ? new(Number(match, 1), Number(match, 2), Number(match, 3), Number(match, 4), Number(match, 5), Number(match, 6), Number(match, 7))
            : null;

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Active connections:\s+(\d+)\s+server accepts handled requests\s+(\d+)\s+(\d+)\s+(\d+)\s+Reading:\s+(\d+)\s+Writing:\s+(\d+)\s+Waiting:\s+(\d+)")]
    private static partial Regex Pattern();
}
