using System.CommandLine;
using FlaskStack.Bench;

const int full = 30;
const int mostRounds = 1000;
const int mostSeconds = 10;
var quick = new Option<bool>("--quick") { Description = "One round of everything: shows that it works, the figures mean little." };
var rounds = Between(new Option<int?>("--rounds") { Description = $"Rounds of slices (default {full})." }, mostRounds);
var seconds = Between(new Option<int?>("--seconds") { Description = "Seconds of a slice (default 1)." }, mostSeconds);
var competitors = Names("--competitors", "Only these stacks", [.. Competitor.All.Select(competitor => competitor.Key)]);
var measures = Names("--measures", "Only these measures", BenchPlan.AllMeasures);
var instructions = new Option<bool>("--instructions") { Description = "Count nginx's instructions per request too (valgrind)." };
var output = new Option<string>("--output")
{
    Description = "Folder of the results.",
    DefaultValueFactory = _ => Path.Combine(RunFolder.FindRepository(), "artifacts/bench/results"),
};
var report = new Option<string?>("--report") { Description = "Measure nothing; report on this results.json." };
var updateDocs = new Option<bool>("--update-docs") { Description = "Put table, picture and results into docs/performance.md." };
var command = new RootCommand("Measures FlaskStack beside other stacks.")
{
    quick, rounds, seconds, competitors, measures, instructions, output, report, updateDocs,
};
command.SetAction(async (parsed, cancellationToken) =>
{
    try
    {
        var chosen = parsed.GetValue(competitors)!;
        var plan = new BenchPlan(
            [.. Competitor.All.Where(competitor => chosen.Length == 0 || chosen.Contains(competitor.Key))],
            (parsed.GetValue(measures) is { Length: > 0 } named ? named : BenchPlan.AllMeasures).ToHashSet(),
            parsed.GetValue(rounds) ?? (parsed.GetValue(quick) ? 1 : full),
            parsed.GetValue(seconds) ?? 1,
            parsed.GetValue(instructions));
        var folder = parsed.GetValue(output)!;
        var results = parsed.GetValue(report) is { } file
            ? BenchResults.Read(file)
            : await MeasureAsync(plan, Path.Combine(folder, "results.json"), cancellationToken);
        Finish(results, folder, parsed.GetValue(updateDocs));
        return 0;
    }
    catch (BenchException exception)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 1;
    }
    catch (OperationCanceledException)
    {
        await Console.Error.WriteLineAsync("Ended early; nothing is left running, and what was measured is in the results.");
        return 130;
    }
});
// The default ends the process two seconds after Ctrl+C, which is too early to end the stacks.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });

static async Task<BenchResults> MeasureAsync(BenchPlan plan, string file, CancellationToken cancellationToken)
{
    using var site = await RunFolder.CreateAsync(cancellationToken);
    var method = $"{plan.Rounds} rounds of {plan.Seconds} s; loads after the first two in every second round.";
    var results = new BenchResults(
        DateOnly.FromDateTime(DateTime.Now), await Machine.DescribeAsync(cancellationToken), method, new(StringComparer.Ordinal));
    try
    {
        await new BenchRun(plan, site, results).RunAsync(cancellationToken);
    }
    finally
    {
        results.Write(file);
    }

    return results;
}

static void Finish(BenchResults results, string folder, bool updateDocs)
{
    Directory.CreateDirectory(folder);
    File.WriteAllText(Path.Combine(folder, "performance.svg"), Report.Picture(results));
    Console.WriteLine($"{Report.Table(results)}\n{string.Join('\n', Target.All.Select(target => target.Evaluate(results)))}");
    if (updateDocs)
    {
        var repository = RunFolder.FindRepository();
        var page = Path.Combine(repository, "docs/performance.md");
        File.WriteAllText(page, Report.Update(File.ReadAllText(page), Report.Section(results, "images/performance.svg")));
        File.WriteAllText(Path.Combine(repository, "docs/images/performance.svg"), Report.Picture(results));
        results.Write(Path.Combine(repository, "bench/results/results.json"));
    }
}

static Option<int?> Between(Option<int?> option, int most)
{
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int?>() is < 1 || result.GetValueOrDefault<int?>() > most)
        {
            result.AddError($"{option.Name} must be a whole number from 1 to {most}.");
        }
    });
    return option;
}

static Option<string[]> Names(string name, string description, IReadOnlyList<string> known) =>
    new Option<string[]>(name) { Description = $"{description}: {string.Join(", ", known)}.", AllowMultipleArgumentsPerToken = true }
        .AcceptOnlyFromAmong([.. known]);

internal static class Machine
{
    private static readonly string[] Packages =
        ["nginx", "gunicorn", "python3-gevent", "python3-flask", "python3-uvicorn", "python3-fastapi"];

    public static async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        var versions = await Tool.RunAsync(
            "dpkg-query", ["-W", "-f", "${Package} ${source:Upstream-Version}, ", .. Packages], cancellationToken, mayFail: true);
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{After("/proc/cpuinfo", "model name", ':')}, {Environment.ProcessorCount} processors, {memory:0} GB, ")
            + $"{After("/etc/os-release", "PRETTY_NAME", '=').Trim('"')}, {versions}.NET {Environment.Version}.";
    }

    private static string After(string file, string name, char separator) =>
        File.ReadLines(file)
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim())
            .FirstOrDefault("unknown");
}
