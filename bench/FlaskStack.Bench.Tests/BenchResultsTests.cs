using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Tests;

public sealed class BenchResultsTests
{
    private const string Load = "GET /, 64 conn.";
    private static readonly Reference[] Calm = [new(1, 100, 100), new(2, 100, 100), new(3, 100, 100)];

    [Fact]
    public void Compares_round_by_round()
    {
        var ratio = Results(Calm).Compare("ours", "theirs", Metric.Rate, Load);

        Assert.Equal(new Spread(20, 10, 30), ratio.Times);
    }

    [Fact]
    public void Compares_nothing_when_too_few_rounds_count()
    {
        var results = Results([new(1, 100, 100), new(2, 100, 200), new(3, 100, 100)]);

        Assert.Null(results.Compare("ours", "theirs", Metric.Rate, Load).Times);
        Assert.Equal(new Spread(200, 100, 300), results.Find("ours", Metric.Rate, Load));
    }

    [Fact]
    public void Compares_the_rounds_that_count()
    {
        var ratio = Results([.. Calm, new(4, 100, 200)]).Compare("ours", "theirs", Metric.Rate, Load);

        Assert.Equal(new Spread(20, 10, 30), ratio.Times);
    }

    [Fact]
    public void Compares_nothing_by_a_single_round()
    {
        Assert.Null(Results([new(1, 100, 100)]).Compare("ours", "theirs", Metric.Rate, Load).Times);
    }

    [Theory]
    [InlineData("ours", Load)]
    [InlineData("theirs", Load)]
    [InlineData("theirs", Problem.Everything)]
    public void Compares_no_load_that_had_errors(string competitor, string @case)
    {
        var ratio = Results(Calm, new Problem(2, competitor, @case, "One answer was no 2xx.")).Compare("ours", "theirs", Metric.Rate, Load);

        Assert.Null(ratio.Times);
        Assert.Contains(competitor, ratio.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Compares_loads_whatever_became_of_others()
    {
        var ratio = Results(Calm, new Problem(2, "theirs", "POST /server, 64 conn.", "One answer was no 2xx."))
            .Compare("ours", "theirs", Metric.Rate, Load);

        Assert.NotNull(ratio.Times);
    }

    private static BenchResults Results(Reference[] references, params Problem[] problems)
    {
        var samples = references.SelectMany(reference => new Sample[]
        {
            new(reference.Round, "ours", Metric.Rate.Key, Load, 100 * reference.Round),
            new(reference.Round, "theirs", Metric.Rate.Key, Load, 10),
        });
        var machine = new MachineFacts(new DateOnly(2026, 1, 1), "a processor", 2, 8, "6.1", "a system", "10.0", []);
        return new(machine, "rounds", "5 workers", [new("ours", "ours"), new("theirs", "theirs")], [.. samples], problems, references);
    }
}
