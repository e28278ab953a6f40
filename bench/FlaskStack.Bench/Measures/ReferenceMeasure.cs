using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Loads;

namespace FlaskStack.Bench.Measures;

/// <summary>How fast the machine is at the moment.</summary>
/// <param name="session">The run.</param>
internal sealed class ReferenceMeasure(Session session)
{
    private const int Connections = 64;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    /// <summary>Requests per second of nginx by itself.</summary>
    /// <exception cref="BenchException">nginx had errors: the machine is not fit to measure on.</exception>
    public async Task<double> RunAsync(CancellationToken cancellationToken)
    {
        var competitor = new NginxAlone();
        await using var stack = await competitor.StartAsync(session.Grounds.Next(withTestPaths: false), cancellationToken);
        var (length, problem) = await AnswerCheck.AskAsync(stack.Port, LoadRequest.Hello, cancellationToken);
        var report = await Wrk.RunAsync(stack, LoadRequest.Hello, Connections, Duration, cancellationToken);
        problem ??= report.Problem(length, Connections);
        return problem is null ? report.Rate : throw new BenchException($"nginx by itself had errors, so this machine is not fit to measure on: {problem}");
    }
}
