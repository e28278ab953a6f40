using System.Text;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Report;

/// <summary>Puts results into words and tables (Markdown).</summary>
internal static class Summary
{
    private const string Ours = "flaskstack";
    private static readonly string[] Others = ["article", "article-tuned", "nginx-kestrel", "nginx"];
    private static readonly Metric[] Compared = [Metric.Rate, Metric.Processor, Metric.Memory, Metric.Start];

    /// <summary>The whole summary.</summary>
    public static string Write(BenchResults results)
    {
        var text = new StringBuilder();
        WriteMachine(text, results);
        WriteRatios(text, results, static _ => true);
        WriteTargets(text, results);
        foreach (var metric in Metric.All.Where(metric => results.Cases(metric).Count > 0))
        {
            WriteMetric(text, results, metric);
        }

        WriteProblems(text, results);
        return text.ToString();
    }

    /// <summary>The machine, and a plot and a table of the typical loads, for a page of the documentation.</summary>
    public static string WriteBrief(BenchResults results)
    {
        var text = new StringBuilder();
        WriteMachine(text, results);
        Line(text, $"![{Metric.Rate.Title}]({ReportWriter.Overview})");
        WriteRatios(text, results, Measures.Cases.IsTypical);
        return text.ToString();
    }

    private static void WriteMachine(StringBuilder text, BenchResults results)
    {
        var machine = results.Machine;
        text.Append(
            CultureInfo.InvariantCulture,
            $"Measured on {machine.Date:yyyy-MM-dd}: {machine.Processor}, {machine.Processors} processors, ");
        Line(text, $"{machine.MemoryGigabytes:0.#} GB, {machine.System}, Linux {machine.Kernel}, .NET {machine.Runtime}.");
        Line(text, $"{string.Join(", ", machine.Packages)}.");
        Line(text, $"{results.Settings}. The article's stack is tuned with {results.Tuning}.");
        text.Append(
            CultureInfo.InvariantCulture,
            $"{results.Rounds.Count} of {results.References.Count} rounds count: those in which nginx by itself was equally fast, ");
        Line(text, $"within {DriftRule.Allowed * 100:0} %. Over all of them it varied by {results.Drift * 100:0} %.");
        if (results.Refusal is not null)
        {
            Line(text, $"**Nothing is compared: {results.Refusal}. {BenchResults.FewestRounds} rounds have to count.**");
        }

        if (results.Refusal is null && results.Rounds.Count < Measures.BenchPlan.Full.Rounds)
        {
            Line(text, $"**Fewer than {Measures.BenchPlan.Full.Rounds} rounds count: not to be quoted.**");
        }
    }

    private static void WriteRatios(StringBuilder text, BenchResults results, Func<string, bool> isShown)
    {
        var others = results.Competitors.Where(competitor => Others.Contains(competitor.Key)).ToList();
        if (others.Count == 0 || results.Competitors.All(competitor => competitor.Key != Ours))
        {
            return;
        }

        Line(text, $"### FlaskStack against the others");
        Line(text, $"How many times as much as the other: the median of the rounds, and the least and the most of them.");
        Row(text, ["", .. others.Select(other => other.Title)]);
        Row(text, Enumerable.Repeat("---", others.Count + 1));
        var cases = Compared.SelectMany(metric => results.Cases(metric).Where(isShown).Select(@case => (metric, @case)));
        foreach (var (metric, @case) in cases)
        {
            Row(text, [CaseTitle(metric, @case), .. others.Select(other =>
                results.Find(other.Key, metric, @case) is null ? "" : results.Compare(Ours, other.Key, metric, @case).ToString())]);
        }

        text.AppendLine();
    }

    private static string CaseTitle(Metric metric, string @case) => @case == metric.Key ? metric.Title : $"{metric.Title}: {@case}";

    private static void WriteTargets(StringBuilder text, BenchResults results)
    {
        Line(text, $"### Targets");
        Row(text, ["target", "measured", "met"]);
        Row(text, Enumerable.Repeat("---", 3));
        foreach (var target in Targets.Of(results))
        {
            Row(text, [target.Title, target.Found, target.IsMet switch { true => "yes", false => "**no**", null => "—" }]);
        }

        text.AppendLine();
    }

    private static void WriteMetric(StringBuilder text, BenchResults results, Metric metric)
    {
        var cases = results.Cases(metric);
        var competitors =
            results.Competitors.Where(competitor => cases.Any(@case => results.Find(competitor.Key, metric, @case) is not null)).ToList();
        Line(text, $"### {metric.Title}{(metric.Unit.Length > 0 ? $" ({metric.Unit})" : "")}");
        Line(text, $"![{metric.Title}]({metric.Key}.svg)");
        Row(text, ["", .. competitors.Select(competitor => competitor.Title)]);
        Row(text, ["---", .. Enumerable.Repeat("---:", competitors.Count)]);
        foreach (var @case in cases)
        {
            Row(
                text,
                [@case == metric.Key ? "" : @case, .. competitors.Select(competitor => Cell(results, metric, competitor.Key, @case))]);
        }

        text.AppendLine();
    }

    private static string Cell(BenchResults results, Metric metric, string competitor, string @case)
    {
        if (results.Find(competitor, metric, @case) is not { } spread)
        {
            return "";
        }

        var hasProblem = results.Problems.Any(problem => problem.Concerns(competitor, @case) && results.IsShown(problem.Round));
        var range = spread.Least.Equals(spread.Most) ? "" : $" ({metric.Format(spread.Least)}–{metric.Format(spread.Most)})";
        return $"{metric.Format(spread.Median)}{range}{(hasProblem ? " ⚠" : "")}";
    }

    private static void WriteProblems(StringBuilder text, BenchResults results)
    {
        if (results.Problems.Count == 0)
        {
            return;
        }

        Line(text, $"### ⚠ Errors");
        Line(text, $"Figures of these loads are shown, and compared with nothing.");
        foreach (var problem in results.Problems)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- round {problem.Round}, {problem.Competitor}, {problem.Case}: {problem.Text}");
        }

        text.AppendLine();
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.AppendLine(line.ToString(CultureInfo.InvariantCulture)).AppendLine();

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.AppendLine($"| {string.Join(" | ", cells)} |");
}
