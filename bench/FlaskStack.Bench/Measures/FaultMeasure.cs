using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Loads;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Measures;

/// <summary>Lets things go wrong under a steady load, and counts what that costs.</summary>
/// <param name="session">The run.</param>
internal sealed class FaultMeasure(Session session)
{
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Trail = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Measures one competitor in one round.</summary>
    public async Task RunAsync(int round, IWholeStack competitor, CancellationToken cancellationToken)
    {
        await using var stack = await competitor.StartAsync(session.Grounds.Next(withTestPaths: true), cancellationToken);
        await Wrk.RunAsync(stack, LoadRequest.Hello, 1, session.Plan.WarmUp, cancellationToken);
        foreach (var fault in session.Plan.Faults)
        {
            if (!await MeasureAsync(round, competitor, stack, fault, cancellationToken))
            {
                // What comes after would be measured on a stack that is broken already.
                return;
            }
        }
    }

    /// <summary>Whether the stack recovered.</summary>
    private async Task<bool> MeasureAsync(
        int round,
        IWholeStack competitor,
        RunningStack stack,
        Fault fault,
        CancellationToken cancellationToken)
    {
        await using var load = SteadyLoad.Start(stack.Port, competitor.ProcessPath, cancellationToken);
        await Task.Delay(Lead, cancellationToken);
        var before = competitor.Workers();
        if (before.Count == 0)
        {
            throw new BenchException($"No worker runs before {fault.Title}.");
        }

        var newcomer = load.NewcomerAsync(before);
        var struck = SteadyLoad.Now();
        await fault.InflictAsync(competitor, stack, cancellationToken);
        var recovered = await RecoveryAsync(competitor, fault, before, newcomer, cancellationToken);
        await Task.Delay(Trail, cancellationToken);
        var answers = await load.EndAsync();

        void Add(Metric metric, double value) => session.Recorder.Add(round, competitor.Key, metric, fault.Title, value);
        Add(Metric.Failed, answers.Count(answer => !answer.IsRight));
        Add(Metric.Silence, SteadyAnswer.LongestSilence(answers, struck, SteadyLoad.Now()).TotalSeconds);
        Add(Metric.Recovery, recovered is null ? double.PositiveInfinity : (recovered.Value - struck).TotalSeconds);
        return recovered is not null;
    }

    /// <summary>When a new process answered and, where it matters, the old ones were gone; null when that does not happen.</summary>
    private static async Task<TimeSpan?> RecoveryAsync(
        IWholeStack competitor, Fault fault, IReadOnlySet<int> before, Task<TimeSpan> newcomer, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            var seen = await newcomer.WaitAsync(deadline.Token);
            while (fault.WithAllWorkers && (competitor.Workers().Overlaps(before) || competitor.Workers().Count < before.Count))
            {
                await Task.Delay(BetweenLooks, deadline.Token);
                seen = SteadyLoad.Now();
            }

            return seen;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
