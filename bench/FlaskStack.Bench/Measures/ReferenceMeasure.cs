using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Loads;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Measures;

/// <summary>How fast the machine is at the moment.</summary>
/// <param name="session">The run.</param>
internal sealed class ReferenceMeasure(Session session)
{
    private const int Connections = 64;
    private const int Readings = 3;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Requests per second of nginx by itself: the median of three readings, so that a hiccup is none of the machine's changes.
    /// </summary>
    /// <exception cref="BenchException">nginx had errors: the machine is not fit to measure on.</exception>
    public async Task<double> RunAsync(CancellationToken cancellationToken)
    {
        var competitor = new NginxAlone();
        await using var stack = await competitor.StartAsync(session.Grounds.Next(withTestPaths: false), cancellationToken);
        var (length, problem) = await AnswerCheck.AskAsync(stack.Port, LoadRequest.Hello, cancellationToken);
        var rates = new List<double>();
        for (var reading = 0; reading < Readings && problem is null; reading++)
        {
            var report = await Wrk.RunAsync(stack, LoadRequest.Hello, Connections, Duration, cancellationToken);
            problem = report.Problem(length, Connections);
            rates.Add(report.Rate);
        }

        return problem is null
            ? Statistics.Median(rates)
            : throw new BenchException($"nginx by itself had errors, so this machine is not fit to measure on: {problem}");
    }
}
