using System.Xml.Linq;
using FlaskStack.Bench.Measures;
using FlaskStack.Bench.Report;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Tests;

public sealed class ReportTests
{
    [Fact]
    public void Draws_what_a_browser_can_read_whatever_the_names()
    {
        Bar[] bars =
        [
            new("nginx → nginx", "#000000", new(1, 1, 2)),
            new("never", "#000000", new(double.PositiveInfinity, 1, double.PositiveInfinity)),
        ];
        BarGroup[] groups = [new("a < b & \"c\"", bars)];

        var plot = XDocument.Parse(BarChart.Draw(Metric.Recovery, groups));

        Assert.Contains(plot.Descendants(), element => element.Value == "a < b & \"c\"");
        Assert.DoesNotContain("NaN", plot.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("∞", plot.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /, 64 conn.", true)]
    [InlineData("GET /, 512 conn.", false)]
    [InlineData("idle", true)]
    public void Shows_the_typical_loads_alone_on_the_page(string @case, bool isShown) => Assert.Equal(isShown, Cases.IsTypical(@case));

    [Fact]
    public void Replaces_the_summary_of_a_page_and_nothing_else()
    {
        const string page = "before\n<!-- bench: begin -->\n\nold\n\n<!-- bench: end -->\nafter\n";

        Assert.Equal(page.Replace("old", "new", StringComparison.Ordinal), PerformancePage.Replace(page, "new\n"));
    }

    [Fact]
    public void Says_which_marks_a_page_lacks()
    {
        var exception = Assert.Throws<BenchException>(() => PerformancePage.Replace("a page", "new"));

        Assert.Contains("<!-- bench: begin -->", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Turns_to_a_logarithmic_scale_where_figures_are_far_apart()
    {
        Assert.False(Scale.For([1, 10], 100, 40).IsLogarithmic);
        var wide = Scale.For([1, 1_000], 100, 40);
        Assert.True(wide.IsLogarithmic);
        Assert.Equal(100, wide.Length(1_000), 5);
        Assert.InRange(wide.Length(1), 1, 20);
    }

    [Fact]
    public void Writes_the_same_report_anew_from_its_data()
    {
        var folder = Directory.CreateTempSubdirectory("report-");
        try
        {
            Sample[] samples = [.. Enumerable.Range(1, 3).Select(static round =>
                new Sample(round, "flaskstack", Metric.Recovery.Key, "kill -9", round < 3 ? round : double.PositiveInfinity))];
            var machine = new MachineFacts(new DateOnly(2026, 1, 1), "a processor", 2, 8, "6.1", "a system", "10.0", ["wrk 1"]);
            var summary = ReportWriter.Write(
                new(
                    machine,
                    "3 rounds",
                    "5 workers",
                    [new("flaskstack", "FlaskStack")],
                    samples,
                    [new(1, "flaskstack", "kill -9", "One failed.")],
                    [new(1, 100, 110)]),
                folder.FullName);

            Assert.Equal(summary, ReportWriter.Write(ReportWriter.Read(Path.Combine(folder.FullName, "results.json")), folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{ no json")]
    public void Says_which_file_is_no_results(string? text)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.json");
        try
        {
            if (text is not null)
            {
                File.WriteAllText(file, text);
            }

            Assert.Contains(file, Assert.Throws<BenchException>(() => ReportWriter.Read(file)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
