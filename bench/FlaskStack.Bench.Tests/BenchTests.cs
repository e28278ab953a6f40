using System.Xml.Linq;

namespace FlaskStack.Bench.Tests;

public sealed class BenchTests
{
    private const string Limit = "nginx-kestrel";
    private const string Load = "get-64";

    [Fact]
    public void An_interval_of_equal_values_is_that_value_and_of_known_values_always_the_same()
    {
        Assert.Equal(new Estimate(2, 2, 2, 4), Estimate.Of([2, 2, 2, 2]));

        // The order statistics 3 and 8 of ten values are the binomial interval of the median (89 %), 2 and 9 that of 98 %.
        var estimate = Estimate.Of([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])!.Value;
        Assert.Equal(5.5, estimate.Median);
        Assert.InRange(estimate.Low, 2, 3.5);
        Assert.InRange(estimate.High, 7.5, 9);
        Assert.Equal(estimate, Estimate.Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
        Assert.Null(Estimate.Of([]));
    }

    [Theory]
    [InlineData(0.91, 1.09, 12, true)]
    [InlineData(0.89, 1.11, 12, false)]
    [InlineData(0.91, 1.09, 2, false)]
    public void A_wide_interval_or_one_of_two_values_is_not_settled(double low, double high, int count, bool isSettled) =>
        Assert.Equal(isSettled, new Estimate(1, low, high, count).IsSettled);

    [Fact]
    public void A_ratio_is_that_of_rounds_in_which_both_stacks_were_measured()
    {
        var results = Empty();
        Rounds(results, Metric.Rate, Competitor.Ours, 100, 200, 300, 400, 1);
        Rounds(results, Metric.Rate, "article", 50, 100);
        results.Add(Metric.Rate, Load, "article", 3, 200);

        Assert.Equal(new Estimate(2, 2, 2, 3), results.Ratio(Metric.Rate, Load, Competitor.Ours, "article"));
    }

    [Fact]
    public void Output_of_wrk_is_the_last_line_that_the_script_prints()
    {
        const string output = """
            Running 1s test @ http://127.0.0.1:8080/
              1 threads and 64 connections
            {"requests":31415,"seconds":1.000210,"errors":2,"p50":1800,"p99":4100,"counts":[7,9]}

            """;
        var result = LoadResult.ParseWrk(output);

        Assert.Equal((31_415, 1.00021, 2, 1800, 4100), (result.Requests, result.Seconds, result.Errors, result.P50, result.P99));
        Assert.Equal([7, 9], result.Counts);
        Assert.Throws<BenchException>(() => LoadResult.ParseWrk("unable to connect"));
    }

    [Fact]
    public void Output_of_h2load_is_its_line_of_requests()
    {
        const string output = "requests: 29000 total, 29064 started, 29000 done, 28990 succeeded, 4 failed, 3 errored, 3 timeout\n";

        Assert.Equal(new LoadResult(28_990, 2, 10), LoadResult.ParseH2Load(output, 2));
        Assert.Throws<BenchException>(() => LoadResult.ParseH2Load("Could not connect", 2));
    }

    [Theory]
    [InlineData("nginx: worker process", "nginx: worker")]
    [InlineData("nginx: master process /usr/sbin/nginx -c /tmp/a/nginx.conf", "nginx: master")]
    [InlineData("/usr/bin/python3\0/usr/bin/gunicorn\0-k\0gevent\0", "gunicorn")]
    [InlineData("/usr/bin/python3\0-B\0-c\0from multiprocessing.spawn import spawn_main\0", "-c")]
    [InlineData("/opt/api/FlaskStack.Api\0", "FlaskStack.Api")]
    public void A_process_is_named_after_its_file_its_script_or_nginx_title(string command, string program) =>
        Assert.Equal(program, ProcessInfo.ProgramOf(command));

    [Fact]
    public void A_target_is_met_missed_not_settled_or_not_measured()
    {
        var target = new Target("requests/s", Metric.Rate, Load, Competitor.Ours, Limit, Least: 0.98);
        Assert.StartsWith("not measured", target.Evaluate(Empty()), StringComparison.Ordinal);
        Assert.Equal("met           requests/s: 1.00 (0.99–1.01), target ≥ 0.98", target.Evaluate(With(99, 100, 101)));
        Assert.StartsWith("missed", target.Evaluate(With(95, 96, 97)), StringComparison.Ordinal);
        Assert.StartsWith("not settled", target.Evaluate(With(80, 100, 130)), StringComparison.Ordinal);

        var most = new Target("start", Metric.Start, "", Competitor.Ours, Most: 0.5);
        var results = Empty();
        results.Add(Metric.Start, "", Competitor.Ours, 0, double.PositiveInfinity);
        Assert.Equal("missed        start: never (never–never), target ≤ 0.50 s", most.Evaluate(results));
    }

    [Fact]
    public void Table_has_ratios_with_intervals_refuses_wide_ones_and_leaves_out_what_was_not_measured()
    {
        var results = With(99, 100, 101);
        Rounds(results, Metric.Rate, "article", 5, 10, 20);
        results.Add(Metric.Start, "", "article", 0, 1.25);

        Assert.Equal(
            """
            | | FlaskStack | article | nginx → Kestrel |
            |---|---|---|---|
            | requests/s: GET /, 64 connections | 100 | not settled | 1.00 (0.99–1.01) |
            | start command → first 200 |  | 1.25 s |  |

            """,
            Report.Table(results));
    }

    [Fact]
    public void Picture_is_an_image_with_a_bar_for_each_stack_as_long_as_its_figure()
    {
        var picture = XDocument.Parse(Report.Picture(With(200, 200, 200)));
        var bars = picture.Descendants().Where(element => element.Name.LocalName == "rect" && (string?)element.Attribute("x") is not null);

        Assert.Equal([2.0, 1.0], bars.Select(bar => (double)bar.Attribute("width")!).Order().Reverse().Select(width => width / 300));
    }

    [Fact]
    public void Results_are_read_as_they_were_written()
    {
        var results = With(1, 2, 3);
        results.Add(Metric.Healthy, "", "aspire", 1, double.PositiveInfinity);
        var file = Path.Combine(Directory.CreateTempSubdirectory("bench-test-").FullName, "results.json");
        results.Write(file);
        var read = BenchResults.Read(file);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

        Assert.Equal(results.Series, read.Series);
        Assert.Equal((results.Date, results.Machine, results.Method), (read.Date, read.Machine, read.Method));
        Assert.Contains(file, Assert.Throws<BenchException>(() => BenchResults.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_gets_a_new_text_between_its_marks()
    {
        const string page = "before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n";

        Assert.Equal("before\n<!-- bench: begin -->\n\nnew\n\n<!-- bench: end -->\nafter\n", Report.Update(page, "new\n"));
        Assert.Throws<BenchException>(() => Report.Update("no marks", "new"));
    }

    private static BenchResults Empty() => new(new(2026, 11, 30), "A machine.", "Some rounds.", new(StringComparer.Ordinal));

    /// <summary>Rates of FlaskStack beside a limit of 100.</summary>
    private static BenchResults With(params double[] rates)
    {
        var results = Empty();
        Rounds(results, Metric.Rate, Competitor.Ours, rates);
        Rounds(results, Metric.Rate, Limit, [.. rates.Select(_ => 100.0)]);
        return results;
    }

    private static void Rounds(BenchResults results, string metric, string competitor, params double[] values)
    {
        for (var round = 0; round < values.Length; round++)
        {
            results.Add(metric, Load, competitor, round, values[round]);
        }
    }
}
