using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Measures;

/// <summary>Runs everything: round after round, and in each one competitor after another.</summary>
/// <param name="session">The run.</param>
internal sealed class BenchRun(Session session)
{
    /// <summary>Runs until enough rounds count.</summary>
    /// <param name="keep">Takes the results after every round, so that a run that is ended has some.</param>
    /// <param name="cancellationToken">Ends it; what runs is stopped.</param>
    public async Task RunAsync(Action<BenchResults> keep, CancellationToken cancellationToken)
    {
        RequireKnownCompetitors();
        var machine = await MachineFacts.ReadAsync(TimeProvider.System, cancellationToken);
        var tuning = new ArticleTuning((2 * machine.Processors) + 1, AsBatch: false);
        if (session.Plan.WithTuning && IsWanted(new ArticleStack(new TunedArticle(tuning))))
        {
            tuning = await new ArticleTuner(session).FindAsync(cancellationToken);
        }

        var competitors = Competitors(tuning).Where(IsWanted).ToList();
        var names = competitors.Select(competitor => new CompetitorName(competitor.Key, competitor.Title)).ToList();
        for (var round = 1; IsRoundWanted(round); round++)
        {
            session.Recorder.Say($"Round {round}, {session.Recorder.ComparableRounds} that count so far");
            await RoundAsync(round, competitors, cancellationToken);
            keep(session.Recorder.Results(machine, session.Plan.ToString(), tuning.ToString(), names));
        }
    }

    private bool IsRoundWanted(int round) =>
        session.Recorder.ComparableRounds < session.Plan.Rounds && round <= session.Plan.Rounds + session.Plan.SpareRounds;

    private async Task RoundAsync(int round, IReadOnlyList<ICompetitor> competitors, CancellationToken cancellationToken)
    {
        var machine = new ReferenceMeasure(session);
        var before = await machine.RunAsync(cancellationToken);
        foreach (var competitor in competitors)
        {
            await TryAsync(round, competitor, () => new ThroughputMeasure(session).RunAsync(round, competitor, cancellationToken));
        }

        foreach (var competitor in competitors.OfType<IWholeStack>())
        {
            if (session.Plan.WithWaiting)
            {
                await TryAsync(round, competitor, () => new WaitingMeasure(session).RunAsync(round, competitor, cancellationToken));
            }

            if (session.Plan.Faults.Count > 0)
            {
                await TryAsync(round, competitor, () => new FaultMeasure(session).RunAsync(round, competitor, cancellationToken));
            }
        }

        session.Recorder.Add(new Reference(round, before, await machine.RunAsync(cancellationToken)));
    }

    /// <summary>A competitor that fails has failed; the others are measured all the same.</summary>
    private async Task TryAsync(int round, ICompetitor competitor, Func<Task> measure)
    {
        try
        {
            await measure();
        }
        catch (BenchException exception)
        {
            session.Recorder.Add(new Problem(round, competitor.Key, Problem.Everything, exception.Message));
        }
    }

    private void RequireKnownCompetitors()
    {
        var keys = Competitors(new(1, false)).Select(competitor => competitor.Key).ToList();
        if (session.Plan.Competitors.Except(keys).FirstOrDefault() is { } unknown)
        {
            throw new BenchException($"--competitors names {unknown}, but there are only {string.Join(", ", keys)}.");
        }
    }

    private bool IsWanted(ICompetitor competitor) =>
        session.Plan.Competitors.Count == 0 || session.Plan.Competitors.Contains(competitor.Key);

    private static List<ICompetitor> Competitors(ArticleTuning tuning) =>
    [
        new ArticleStack(new ArticleToTheLetter()),
        new ArticleStack(new TunedArticle(tuning)),
        new OurStack(withDashboard: false),
        new OurStack(withDashboard: true),
        new NginxAlone(),
        new NginxBehindNginx(overSocket: false),
        new NginxBehindNginx(overSocket: true),
        new KestrelAlone(),
        new KestrelBehindNginx(),
    ];
}
