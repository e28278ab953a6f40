using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Loads;

namespace FlaskStack.Bench.Measures;

/// <summary>Finds what the article's stack serves most with.</summary>
/// <param name="session">The run.</param>
internal sealed class ArticleTuner(Session session)
{
    private const int Connections = 64;

    /// <summary>Tries all candidates and keeps the fastest.</summary>
    public async Task<ArticleTuning> FindAsync(CancellationToken cancellationToken)
    {
        var rates = new Dictionary<ArticleTuning, double>();
        foreach (var candidate in ArticleTuning.Candidates(Environment.ProcessorCount))
        {
            var competitor = new ArticleStack(new TunedArticle(candidate));
            await using var stack = await competitor.StartAsync(session.Grounds.Next(withTestPaths: false), cancellationToken);
            await Wrk.RunAsync(stack, LoadRequest.Hello, Connections, TimeSpan.FromSeconds(1), cancellationToken);
            rates[candidate] = (await Wrk.RunAsync(stack, LoadRequest.Hello, Connections, session.Plan.Load, cancellationToken)).Rate;
            session.Recorder.Say($"  article, tuned: {candidate}: {rates[candidate]:0} requests/s");
        }

        return rates.MaxBy(pair => pair.Value).Key;
    }
}
