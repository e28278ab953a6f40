using FlaskStack.Bench.Loads;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Tests;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 2, 3 }, 2.5)]
    [InlineData(new[] { 1, double.PositiveInfinity, double.PositiveInfinity }, double.PositiveInfinity)]
    [InlineData(new[] { double.PositiveInfinity, double.PositiveInfinity }, double.PositiveInfinity)]
    public void Takes_the_middle(double[] values, double median) => Assert.Equal(median, Statistics.Median(values));

    [Fact]
    public void Finds_the_value_that_99_of_100_do_not_exceed()
    {
        var values = Enumerable.Range(1, 200).Select(value => (double)value).ToList();

        Assert.Equal(198, Statistics.Percentile(values, 0.99));
    }

    [Fact]
    public void Measures_the_longest_silence_between_right_answers()
    {
        SteadyAnswer[] answers = [At(1, true), At(2, true), At(4, false), At(7, true), At(8, true)];

        Assert.Equal(TimeSpan.FromSeconds(5), SteadyAnswer.LongestSilence(answers, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(9)));
    }

    [Fact]
    public void Counts_a_silence_that_does_not_end()
    {
        Assert.Equal(
            TimeSpan.FromSeconds(8),
            SteadyAnswer.LongestSilence([At(1, true)], TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10)));
    }

    private static SteadyAnswer At(double second, bool isRight) => new(TimeSpan.Zero, TimeSpan.FromSeconds(second), isRight, null);
}
