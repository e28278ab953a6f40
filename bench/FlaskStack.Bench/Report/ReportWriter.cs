using System.Text.Json;
using System.Text.Json.Serialization;
using FlaskStack.Bench.Measures;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Report;

/// <summary>Writes a run's folder: the data, a plot for each metric, and the summary.</summary>
internal static class ReportWriter
{
    /// <summary>The file name of the plot for the documentation: requests per second of the typical loads.</summary>
    public const string Overview = "overview.svg";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // What did not happen in time is infinite.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes the folder.</summary>
    /// <returns>The summary.</returns>
    public static string Write(BenchResults results, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(results, Options) + "\n");
        foreach (var metric in Metric.All.Where(metric => results.Cases(metric).Count > 0))
        {
            File.WriteAllText(Path.Combine(folder, $"{metric.Key}.svg"), BarChart.Draw(metric, Groups(results, metric, static _ => true)));
        }

        File.WriteAllText(Path.Combine(folder, Overview), BarChart.Draw(Metric.Rate, Groups(results, Metric.Rate, Cases.IsTypical)));

        var summary = Summary.Write(results);
        File.WriteAllText(Path.Combine(folder, "README.md"), $"# Results of {results.Machine.Date:yyyy-MM-dd}\n\n{summary}");
        return summary;
    }

    /// <summary>Reads the data of a run.</summary>
    /// <exception cref="BenchException">The file is none of a run.</exception>
    public static BenchResults Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return JsonSerializer.Deserialize<BenchResults>(stream, Options) ?? throw new JsonException("It is empty.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BenchException($"--report needs the results.json of a run, but {file} cannot be read: {exception.Message}");
        }
    }

    private static List<BarGroup> Groups(BenchResults results, Metric metric, Func<string, bool> isShown) =>
    [
        .. results.Cases(metric).Where(isShown).Select(@case => new BarGroup(
            @case == metric.Key ? "" : @case,
            [.. results.Competitors.SelectMany(competitor =>
                results.Find(competitor.Key, metric, @case) is { } spread
                    ? [new Bar(competitor.Title, Palette.Of(competitor.Key), spread)]
                    : Array.Empty<Bar>())])),
    ];
}
