using FlaskStack.Bench.Loads;
using FlaskStack.Bench.Measures;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Report;

/// <summary>What the stack is meant to reach, met or not.</summary>
internal static class Targets
{
    private const string Ours = "flaskstack";
    private const string OursWithTelemetry = "flaskstack-telemetry";
    private const string Article = "article";
    private const string Tuned = "article-tuned";
    private const string Kestrel = "nginx-kestrel";
    private const int Connections = 64;
    private const double MostLatency = 10;
    private const double MostProcessor = 60;
    private const double MostWaitLatency = 3;
    private const double MostWaitMemory = 30;
    private static readonly string Many = Cases.Waiting(10_000);

    /// <summary>Holds results against the targets.</summary>
    public static IReadOnlyList<Target> Of(BenchResults results) =>
    [
        .. Serving(results, LoadRequest.Hello), .. Serving(results, LoadRequest.Small),
        Target.AtLeast("GET /: requests/s ≥ 0.9 × nginx → Kestrel", Rate(results, Ours, Kestrel, LoadRequest.Hello), 0.9),
        Target.AtLeast(
            "GET /: requests/s with telemetry ≥ 0.8 × nginx → Kestrel",
            Rate(results, OursWithTelemetry, Kestrel, LoadRequest.Hello),
            0.8),
        Target.AtMost("10,000 requests that wait one second: no errors", Metric.WaitErrors, results.Find(Ours, Metric.WaitErrors, Many), 0),
        Target.AtMost(
            "10,000 requests that wait one second: p99 ≤ 3 s",
            Metric.WaitP99,
            results.Find(Ours, Metric.WaitP99, Many),
            MostWaitLatency),
        Target.AtMost(
            "10,000 requests that wait: ≤ 30 KB each",
            Metric.WaitMemory,
            results.Find(Ours, Metric.WaitMemory, Many),
            MostWaitMemory),
        .. results.Cases(Metric.Memory).Select(@case =>
            Target.Less($"Memory {@case}: less than the article's", results.Compare(Ours, Article, Metric.Memory, @case))),
        Target.Less("Start: faster than the article's", results.Compare(Ours, Article, Metric.Start, Metric.Start.Key)),
        Target.Less(
            $"Recovery from {Fault.WorkerKilled.Title}: faster than the article's",
            results.Compare(Ours, Article, Metric.Recovery, Fault.WorkerKilled.Title)),
        .. Fault.All.Select(fault => Target.AtMost(
            $"Failed requests, {fault.Title}: no more than the article's",
            Metric.Failed,
            results.Find(Ours, Metric.Failed, fault.Title),
            results.Find(Article, Metric.Failed, fault.Title)?.Median)),
    ];

    private static IEnumerable<Target> Serving(BenchResults results, LoadRequest request)
    {
        var @case = Cases.Of(request, Connections);
        yield return Target.AtLeast($"{request.Title}: requests/s ≥ 20 × the article's", Rate(results, Ours, Article, request), 20);
        yield return Target.AtLeast($"{request.Title}: requests/s ≥ 10 × the article's, tuned", Rate(results, Ours, Tuned, request), 10);
        yield return Target.AtMost($"{request.Title}: p99 ≤ 10 ms", Metric.P99, results.Find(Ours, Metric.P99, @case), MostLatency);
        yield return Target.AtMost(
            $"{request.Title}: p99 ≤ the article's p50",
            Metric.P99,
            results.Find(Ours, Metric.P99, @case),
            results.Find(Article, Metric.P50, @case)?.Median);
        yield return Target.AtMost(
            $"{request.Title}: CPU a request ≤ 60 µs",
            Metric.Processor,
            results.Find(Ours, Metric.Processor, @case),
            MostProcessor);
    }

    private static Ratio Rate(BenchResults results, string first, string second, LoadRequest request) =>
        results.Compare(first, second, Metric.Rate, Cases.Of(request, Connections));
}
