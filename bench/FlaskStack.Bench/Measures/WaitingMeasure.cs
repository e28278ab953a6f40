using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Loads;
using FlaskStack.Bench.Processes;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Measures;

/// <summary>Opens many requests at once that each wait, and measures what they take.</summary>
/// <param name="session">The run.</param>
internal sealed class WaitingMeasure(Session session)
{
    private const int Wait = 1_000;
    private const int LongWait = 5_000;
    private const double Kilobyte = 1e3;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);
    private static readonly byte[] Waited = "waited"u8.ToArray();

    /// <summary>Measures one competitor in one round.</summary>
    public async Task RunAsync(int round, IWholeStack competitor, CancellationToken cancellationToken)
    {
        await using var stack = await competitor.StartAsync(session.Grounds.Next(withTestPaths: true), cancellationToken);
        await competitor.WaitUntilCompleteAsync(stack, cancellationToken);
        await Task.Delay(Settling, cancellationToken);
        var idle = MemoryUse.Read();
        foreach (var count in session.Plan.Waiting)
        {
            var result = await Burst.RunAsync(stack.Port, Request(competitor, Wait), count, whenAllSent: null, cancellationToken);
            AddResult(round, competitor, count, result);

            await AddMemoryAsync(round, competitor, stack, count, idle, cancellationToken);
        }
    }

    /// <summary>
    /// The memory is read while requests wait that wait longer: until the last of them is sent, the first must not be answered.
    /// Where the connections take too long for that, or some fail, there is no figure.
    /// </summary>
    private async Task AddMemoryAsync(
        int round, IWholeStack competitor, RunningStack stack, int count, MemoryUse idle, CancellationToken cancellationToken)
    {
        (MemoryUse Use, int Open) held = (idle, 0);
        var result = await Burst.RunAsync(
            stack.Port, Request(competitor, LongWait), count, open => held = (MemoryUse.Read(), open), cancellationToken);
        if (result.Errors == 0 && held.Open == count)
        {
            session.Recorder.Add(
                round, competitor.Key, Metric.WaitMemory, Cases.Waiting(count), (held.Use.Bytes - idle.Bytes) / (double)count / Kilobyte);
        }
    }

    private void AddResult(int round, IWholeStack competitor, int count, BurstResult result)
    {
        void Add(Metric metric, double value) => session.Recorder.Add(round, competitor.Key, metric, Cases.Waiting(count), value);
        Add(Metric.WaitCompleted, result.Completed);
        Add(Metric.WaitErrors, result.Errors);
        Add(Metric.WaitP99, result.P99.TotalSeconds);
        Add(Metric.WaitTotal, result.Duration.TotalSeconds);
        if (result.Errors > 0)
        {
            session.Recorder.Add(new Problem(round, competitor.Key, Cases.Waiting(count), $"{result.Errors} of {count} requests failed."));
        }
    }

    private static LoadRequest Request(IWholeStack competitor, int milliseconds) =>
        LoadRequest.Get(competitor.WaitPath(milliseconds)) with { Answer = Waited };
}
