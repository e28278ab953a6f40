using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Measures;

/// <summary>Runs everything: round after round, and in each one competitor after another.</summary>
/// <param name="session">The run.</param>
internal sealed class BenchRun(Session session)
{
    /// <summary>Runs until enough rounds count.</summary>
    /// <param name="cancellationToken">Ends it; what runs is stopped.</param>
    public async Task<BenchResults> RunAsync(CancellationToken cancellationToken)
    {
        var machine = await MachineFacts.ReadAsync(TimeProvider.System, cancellationToken);
        var tuning = new ArticleTuning((2 * machine.Processors) + 1, AsBatch: false);
        if (IsWanted(new ArticleStack(new TunedArticle(tuning))))
        {
            tuning = await new ArticleTuner(session).FindAsync(cancellationToken);
        }

        var competitors = Competitors(tuning).Where(IsWanted).ToList();
        if (competitors.Count == 0)
        {
            throw new BenchException($"--competitors names none of {string.Join(", ", Competitors(tuning).Select(competitor => competitor.Key))}.");
        }

        var good = 0;
        for (var round = 1; good < session.Plan.Rounds && round <= session.Plan.Rounds + session.Plan.SpareRounds; round++)
        {
            session.Recorder.Say($"Round {round}, {good} that count so far");
            var reference = await RoundAsync(round, competitors, cancellationToken);
            good += DriftRule.IsDisturbed(reference) ? 0 : 1;
        }

        var names = competitors.Select(competitor => new CompetitorName(competitor.Key, competitor.Title)).ToList();
        return session.Recorder.Results(machine, session.Plan.ToString(), tuning.ToString(), names);
    }

    private async Task<Reference> RoundAsync(int round, IReadOnlyList<ICompetitor> competitors, CancellationToken cancellationToken)
    {
        var machine = new ReferenceMeasure(session);
        var before = await machine.RunAsync(cancellationToken);
        foreach (var competitor in competitors)
        {
            await new ThroughputMeasure(session).RunAsync(round, competitor, cancellationToken);
        }

        foreach (var competitor in competitors.OfType<IWholeStack>())
        {
            if (session.Plan.WithWaiting)
            {
                await new WaitingMeasure(session).RunAsync(round, competitor, cancellationToken);
            }

            if (session.Plan.WithFaults)
            {
                await new FaultMeasure(session).RunAsync(round, competitor, cancellationToken);
            }
        }

        var reference = new Reference(round, before, await machine.RunAsync(cancellationToken));
        session.Recorder.Add(reference);
        return reference;
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
