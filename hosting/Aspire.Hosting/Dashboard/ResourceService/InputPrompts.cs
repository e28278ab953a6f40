using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>
/// Asks people for values through the dashboards that watch. All of them show a question; the first answer counts, and
/// closes it for the others.
/// </summary>
internal sealed class InputPrompts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, OpenPrompt> _open = [];
    private List<CoalescingQueue<int, WatchInteractionsResponseUpdate>> _watchers = [];
    private int _lastId;

    /// <summary>Gets whether there is anybody to ask.</summary>
    public bool CanAsk => Volatile.Read(ref _watchers).Count > 0;

    /// <summary>Asks until there is an answer without errors.</summary>
    /// <param name="question">What is shown, without its number.</param>
    /// <param name="check">Says what is wrong with an answer; the question is then shown again, with the answer and the errors.</param>
    /// <param name="cancellationToken">Takes the question back.</param>
    /// <returns>The values by name; <see langword="null"/> when the person closed the question.</returns>
    public async Task<IReadOnlyDictionary<string, string?>?> AskAsync(
        WatchInteractionsResponseUpdate question,
        Func<IReadOnlyDictionary<string, string?>, CancellationToken, Task<IReadOnlyList<ArgumentError>>> check,
        CancellationToken cancellationToken)
    {
        var prompt = Open(question);
        try
        {
            while (await prompt.Answers.Reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { KindCase: WatchInteractionsRequestUpdate.KindOneofCase.InputsDialog } answer)
            {
                var values = InputAnswers.Read(prompt.Question.InputsDialog, answer.InputsDialog);
                var errors = await check(values, cancellationToken).ConfigureAwait(false);
                if (errors.Count == 0)
                {
                    return values;
                }

                Show(prompt with { Question = InputAnswers.WithErrors(prompt.Question, values, errors) });
            }

            return null;
        }
        finally
        {
            Close(prompt.Question.InteractionId);
        }
    }

    /// <summary>Begins to show questions, those first that are open now.</summary>
    public CoalescingQueue<int, WatchInteractionsResponseUpdate> Watch()
    {
        var watcher = new CoalescingQueue<int, WatchInteractionsResponseUpdate>(EqualityComparer<int>.Default, static (_, newer) => newer);
        lock (_gate)
        {
            _watchers = [.. _watchers, watcher];
            foreach (var (id, prompt) in _open)
            {
                watcher.Offer(id, prompt.Question);
            }
        }

        return watcher;
    }

    public void Unwatch(CoalescingQueue<int, WatchInteractionsResponseUpdate> watcher)
    {
        lock (_gate)
        {
            _watchers = [.. _watchers.Where(other => !ReferenceEquals(other, watcher))];
        }
    }

    /// <summary>Takes an answer; one to a question that is closed already is of no use any more.</summary>
    public void Answer(WatchInteractionsRequestUpdate answer)
    {
        lock (_gate)
        {
            if (!answer.ResponseUpdate && _open.TryGetValue(answer.InteractionId, out var prompt))
            {
                prompt.Answers.Writer.TryWrite(answer);
            }
        }
    }

    private OpenPrompt Open(WatchInteractionsResponseUpdate question)
    {
        var answers = Channel.CreateBounded<WatchInteractionsRequestUpdate>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        lock (_gate)
        {
            var numbered = question.Clone();
            numbered.InteractionId = ++_lastId;
            var prompt = new OpenPrompt(numbered, answers);
            Show(prompt);
            return prompt;
        }
    }

    private void Show(OpenPrompt prompt)
    {
        lock (_gate)
        {
            _open[prompt.Question.InteractionId] = prompt;
            Offer(prompt.Question);
        }
    }

    private void Close(int id)
    {
        lock (_gate)
        {
            _open.Remove(id);
            Offer(new WatchInteractionsResponseUpdate { InteractionId = id, Complete = new InteractionComplete() });
        }
    }

    private void Offer(WatchInteractionsResponseUpdate update)
    {
        foreach (var watcher in _watchers)
        {
            watcher.Offer(update.InteractionId, update);
        }
    }

    private sealed record OpenPrompt(WatchInteractionsResponseUpdate Question, Channel<WatchInteractionsRequestUpdate> Answers);
}
