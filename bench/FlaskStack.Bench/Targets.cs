namespace FlaskStack.Bench;

internal sealed record Target(
    string Title, string Metric, string Load, string Competitor, string? Other = null, double? Least = null, double? Most = null)
{
    private const string Server = "flaskstack-server";
    private const string Telemetry = "flaskstack-telemetry";
    private const string Limit = "nginx-kestrel";
    private const string Main = "get-64";
    public static IReadOnlyList<Target> All { get; } =
    [
        new("CPU per request / nginx → Kestrel", Bench.Metric.Cpu, Main, Bench.Competitor.Ours, Limit, Most: 1.02),
        new("requests/s / nginx → Kestrel", Bench.Metric.Rate, Main, Bench.Competitor.Ours, Limit, Least: 0.98),
        new("with telemetry: requests/s / nginx → Kestrel", Bench.Metric.Rate, Main, Telemetry, Limit, Least: 0.90),
        new("requests/s / article", Bench.Metric.Rate, Main, Bench.Competitor.Ours, "article", Least: 10),
        new("CPU per request / article", Bench.Metric.Cpu, Main, Bench.Competitor.Ours, "article", Most: 1.0 / 14),
        new("requests/s / article, tuned", Bench.Metric.Rate, Main, Bench.Competitor.Ours, "article-tuned", Least: 4.5),
        new("requests/s / uvicorn", Bench.Metric.Rate, Main, Bench.Competitor.Ours, "uvicorn", Least: 3),
        new("on a server: CPU per request / YARP", Bench.Metric.Cpu, Main, Server, "yarp", Most: 1),
        new("on a server: loaded memory / YARP", Bench.Metric.Loaded, "", Server, "yarp", Most: 1),
        new("requests/s / WithReplicas", Bench.Metric.Rate, Main, Bench.Competitor.Ours, "aspire", Least: 1),
        new("spread over replicas", Bench.Metric.Spread, "", Bench.Competitor.Ours, Most: 1.2),
        new("on a server: idle memory", Bench.Metric.Idle, "", Server, Most: 60),
        new("on a server: loaded memory / article", Bench.Metric.Loaded, "", Server, "article", Most: 0.6),
        new("on a server: start to first 200", Bench.Metric.Start, "", Server, Most: 0.5),
        new("on a server: kill to healthy", Bench.Metric.Healthy, "", Server, Most: 0.15),
        new("on a server: requests/s / nginx → Kestrel", Bench.Metric.Rate, Main, Server, Limit, Least: 0.98),
        new("on a server: requests/s / article", Bench.Metric.Rate, Main, Server, "article", Least: 10),
        new("many one-second requests: errors", Bench.Metric.WaitErrors, "", Bench.Competitor.Ours, Most: 0),
        new("many one-second requests: p99", Bench.Metric.WaitP99, "", Bench.Competitor.Ours, Most: 2.5),
        new("many one-second requests: memory of each", Bench.Metric.WaitMemory, "", Bench.Competitor.Ours, Most: 26),
        new("p99 / nginx → Kestrel", Bench.Metric.P99, Main, Bench.Competitor.Ours, Limit, Most: 1.3),
    ];

    public string Evaluate(BenchResults results)
    {
        var estimate = Other is null ? results.Value(Metric, Load, Competitor) : results.Ratio(Metric, Load, Competitor, Other);
        if (estimate is not { } value)
        {
            return $"not measured  {Title}";
        }

        var isMet = !(value.Median < Least) && !(value.Median > Most);
        var verdict = Other is not null && !value.IsSettled ? "not settled" : isMet ? "met" : "missed";
        string Text(double number) => Other is null ? Bench.Metric.Format(Metric, number) : Report.Number(number);
        var bound = Least is { } least ? $"≥ {Text(least)}" : $"≤ {Text(Most!.Value)}";
        var median = verdict == "not settled" ? "" : Text(value.Median) + " ";
        return $"{verdict,-12}  {Title}: {median}({Text(value.Low)}–{Text(value.High)}), target {bound}";
    }
}
