using System.Text;

namespace FlaskStack.Bench;

internal static class Report
{
    private const string Begin = "<!-- bench: begin -->";
    private const string End = "<!-- bench: end -->";
    private const int Width = 860;
    private const int Left = 150;
    private const int BarHeight = 16;
    private const int GroupHeight = 34;

    private static readonly string[] Columns =
    [
        "flaskstack-telemetry", "flaskstack-server", "article", "article-tuned", "uvicorn", "yarp", "aspire",
        "nginx-kestrel", "nginx-kestrel-batch",
    ];

    private static readonly (string Title, string Metric, string Load, bool IsRatio)[] Rows =
    [
        .. LoadCase.All.Select(load => ($"requests/s: {load.Title}", Metric.Rate, load.Key, true)),
        ("CPU per request: GET /, 64 connections", Metric.Cpu, "get-64", true),
        ("CPU per request of all processes", Metric.CpuAll, "get-64", true),
        ("CPU per request: POST /server, 64 connections", Metric.Cpu, "post-64", true),
        ("instructions per request in nginx", Metric.Instructions, "get", true),
        ("p50: GET /, 64 connections", Metric.P50, "get-64", true),
        ("p99: GET /, 64 connections", Metric.P99, "get-64", true),
        ("memory (PSS), idle", Metric.Idle, "", true),
        ("memory (PSS), after a load", Metric.Loaded, "", true),
        ("start command → first 200", Metric.Start, "", false),
        ("requests of replicas, most / least", Metric.Spread, "", false),
        ("kill a worker → a new one answers", Metric.Healthy, "", false),
        .. Faults.Names.Select(fault => ($"failed requests: {fault}", Metric.Failed, fault, false)),
        ("one-second requests, all at once: p99", Metric.WaitP99, "", false),
    ];

    public static string Number(double value) => value switch
    {
        < 0.1 => value.ToString("0.000", CultureInfo.InvariantCulture),
        < 10 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0", CultureInfo.InvariantCulture),
    };

    public static string Table(BenchResults results)
    {
        var measured = Columns.Where(key => Rows.Any(row => results.Has(row.Metric, row.Load, key))).ToList();
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"| | FlaskStack | {string.Join(" | ", measured.Select(TitleOf))} |")
            .AppendLine(CultureInfo.InvariantCulture, $"|---|---|{string.Concat(measured.Select(_ => "---|"))}");
        foreach (var row in Rows)
        {
            var cells = measured.Select(key => Cell(results, row, key)).ToList();
            var own = results.Value(row.Metric, row.Load, Competitor.Ours) is { } value ? Metric.Format(row.Metric, value.Median) : "";
            if (own.Length > 0 || cells.Exists(cell => cell.Length > 0))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Title} | {own} | {string.Join(" | ", cells)} |");
            }
        }

        return text.ToString();
    }

    public static string Picture(BenchResults results)
    {
        var svg = new StringBuilder();
        var y = 8;
        y = AddGroup(svg, results, Metric.Rate, "Requests per second: GET /, 64 connections", y);
        y = AddGroup(svg, results, Metric.Cpu, "CPU time per request of proxy and workers (µs)", y);
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {y}" width="{Width}" font-family="sans-serif" font-size="12">
            <rect width="{Width}" height="{y}" fill="#ffffff"/>
            {svg}</svg>

            """;
    }

    public static string Section(BenchResults results, string picture) => $"""
        Measured on {results.Date:yyyy-MM-dd}: {results.Machine} {results.Method}

        ![Requests per second and CPU time per request]({picture})

        FlaskStack's own figures, then how many times as much they are as those of the other stacks (median and 95 % interval). In rows
        about start, spread and faults, each stack's own figures.

        {Table(results)}
        """;

    public static string Update(string page, string section)
    {
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? $"{page[..(begin + Begin.Length)]}\n\n{section.Trim()}\n\n{page[end..]}"
            : throw new BenchException($"docs/performance.md must have the lines {Begin} and {End}, in this order.");
    }

    private static string Cell(BenchResults results, (string Title, string Metric, string Load, bool IsRatio) row, string key)
    {
        if (!row.IsRatio)
        {
            return results.Value(row.Metric, row.Load, key) is { } value ? Metric.Format(row.Metric, value.Median) : "";
        }

        return results.Ratio(row.Metric, row.Load, Competitor.Ours, key) is not { } ratio ? ""
            : row.Metric == Metric.Instructions ? Number(ratio.Median)
            : ratio.IsSettled ? $"{Number(ratio.Median)} ({Number(ratio.Low)}–{Number(ratio.High)})"
            : "not settled";
    }

    private static string TitleOf(string key) => Competitor.All.First(competitor => competitor.Key == key).Title;

    private static int AddGroup(StringBuilder svg, BenchResults results, string metric, string title, int y)
    {
        var bars = Competitor.All.Select(competitor => (competitor, Value: results.Value(metric, "get-64", competitor.Key)))
            .Where(bar => bar.Value is not null)
            .ToList();
        if (bars.Count == 0)
        {
            return y;
        }

        var perPixel = bars.Max(bar => bar.Value!.Value.High) / (Width - Left - 110);
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="8" y="{y + 18}" font-size="14">{title}</text>""");
        y += GroupHeight - 6;
        foreach (var (competitor, value) in bars)
        {
            var (low, median, high) = (value!.Value.Low / perPixel, value.Value.Median / perPixel, value.Value.High / perPixel);
            var color = competitor.Key.StartsWith(Competitor.Ours, StringComparison.Ordinal) ? "#0072b2" : "#b0b0b0";
            var middle = y + (BarHeight / 2);
            svg.AppendLine(CultureInfo.InvariantCulture, $"""
                <text x="{Left - 8}" y="{middle + 4}" text-anchor="end">{competitor.Title}</text>
                <rect x="{Left}" y="{y + 2}" width="{median:0.#}" height="{BarHeight - 4}" fill="{color}"/>
                <path d="M{Left + low:0.#} {middle}H{Left + high:0.#}" stroke="#222222" stroke-width="2"/>
                <text x="{Left + high + 6:0.#}" y="{middle + 4}">{value.Value.Median:#,0}</text>
                """);
            y += BarHeight;
        }

        return y + 12;
    }
}
