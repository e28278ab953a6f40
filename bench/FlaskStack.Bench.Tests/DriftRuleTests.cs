using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Tests;

public sealed class DriftRuleTests
{
    [Fact]
    public void Counts_every_round_of_a_machine_that_stays_as_it_is()
    {
        var rounds = DriftRule.Comparable([new(1, 100, 110), new(2, 129, 105), new(3, 100, 100)]);

        Assert.Equal([1, 2, 3], rounds.Order());
    }

    [Fact]
    public void Leaves_out_the_rounds_in_which_the_machine_was_another()
    {
        var rounds = DriftRule.Comparable([new(1, 100, 110), new(2, 100, 131), new(3, 60, 60), new(4, 125, 120)]);

        Assert.Equal([1, 4], rounds.Order());
    }

    [Fact]
    public void Counts_no_round_within_which_the_machine_changed()
    {
        Assert.Empty(DriftRule.Comparable([new(1, 100, 140), new(2, 50, 100)]));
    }

    [Fact]
    public void Prefers_the_faster_of_two_sets_that_are_equally_large()
    {
        Assert.Equal([2], DriftRule.Comparable([new(1, 50, 50), new(2, 100, 100)]));
    }
}
