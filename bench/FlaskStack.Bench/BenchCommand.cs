using System.CommandLine;
using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Measures;
using FlaskStack.Bench.Processes;
using FlaskStack.Bench.Report;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench;

/// <summary>The command line.</summary>
internal static class BenchCommand
{
    private const int MostRounds = 100;
    private const int MostSeconds = 600;
    private const string Solution = "FlaskStack.sln";

    /// <summary>The command with its options.</summary>
    public static RootCommand Create()
    {
        var quick =
            new Option<bool>("--quick") { Description = "One short round of everything: shows that it works, figures mean little." };
        var rounds = Between(new Option<int?>("--rounds") { Description = "Rounds that must count (5)." }, MostRounds);
        var seconds = Between(new Option<int?>("--seconds") { Description = "Seconds of each load (5)." }, MostSeconds);
        var competitors = new Option<string[]>("--competitors")
        {
            Description = "Only these: article, article-tuned, flaskstack, …",
            AllowMultipleArgumentsPerToken = true,
        };
        var noWaiting = new Option<bool>("--no-waiting") { Description = "Without many requests at once." };
        var noFaults = new Option<bool>("--no-faults") { Description = "Without faults and reloads." };
        var output = new Option<string?>("--output") { Description = "Folder for the results (bench/results/<date>)." };
        var documents = new Option<bool>("--update-docs") { Description = "Put a plot and a short table into docs/performance.md." };
        var report = new Option<string?>("--report") { Description = "Measure nothing: write the report of this results.json anew." };
        var command = new RootCommand("Measures FlaskStack side by side with the article's stack and the machine's limits.")
        {
            quick, rounds, seconds, competitors, noWaiting, noFaults, output, documents, report,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var plan = parsed.GetValue(quick) ? BenchPlan.Quick : BenchPlan.Full;
            plan = plan with
            {
                Rounds = parsed.GetValue(rounds) ?? plan.Rounds,
                Load = parsed.GetValue(seconds) is { } given ? TimeSpan.FromSeconds(given) : plan.Load,
                Competitors = parsed.GetValue(competitors) ?? [],
                WithWaiting = !parsed.GetValue(noWaiting),
                Faults = parsed.GetValue(noFaults) ? [] : plan.Faults,
            };
            return EndAsync(() => parsed.GetValue(report) is { } file
                ? ReportAsync(file, parsed.GetValue(output), parsed.GetValue(documents))
                : RunAsync(plan, parsed.GetValue(output), parsed.GetValue(documents), cancellationToken));
        });
        return command;
    }

    /// <summary>Does the work, and says what it ended with if not with results.</summary>
    /// <returns>The exit code.</returns>
    private static async Task<int> EndAsync(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (BenchException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(
                "Ended before all was measured; nothing is left running, and the rounds that were over are in the results.");
            return 130;
        }
    }

    private static async Task RunAsync(BenchPlan plan, string? output, bool updateDocuments, CancellationToken cancellationToken)
    {
        var temporary = Directory.CreateTempSubdirectory("fsb-");
        try
        {
            Rights.Set(temporary.FullName, Rights.PassThrough);
            NativeMethods.AdoptOrphans();
            var repository = Repository();
            var recorder = new Recorder(Console.Out);
            var session = new Session(plan, new Grounds(repository, temporary.FullName), recorder);
            var folder = output
                ?? Path.Combine(repository, "bench/results", DateTime.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            var (summary, brief) = ("", "");
            await new BenchRun(session).RunAsync(
                results =>
                {
                    summary = ReportWriter.Write(results, folder);
                    brief = Summary.WriteBrief(results);
                },
                cancellationToken);
            recorder.Say($"{summary}\n\nResults: {folder}");
            Publish(brief, folder, updateDocuments);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static Task ReportAsync(string file, string? output, bool updateDocuments)
    {
        var folder = output ?? Path.GetDirectoryName(Path.GetFullPath(file))!;
        var results = ReportWriter.Read(file);
        ReportWriter.Write(results, folder);
        Publish(Summary.WriteBrief(results), folder, updateDocuments);
        return Task.CompletedTask;
    }

    private static void Publish(string brief, string folder, bool updateDocuments)
    {
        if (updateDocuments)
        {
            PerformancePage.Update(Path.Combine(Repository(), "docs/performance.md"), brief, folder);
        }
    }

    private static Option<int?> Between(Option<int?> option, int most)
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

    private static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return folder.FullName;
            }
        }

        throw new BenchException($"{Solution} is in no folder above {AppContext.BaseDirectory}: run the bench from the repository.");
    }
}
