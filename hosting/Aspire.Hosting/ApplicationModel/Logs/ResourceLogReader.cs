using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Follows logs from their first line on.</summary>
/// <param name="service">The logs.</param>
/// <param name="getSources">Says which logs are read now; there may be more of them later.</param>
internal sealed class ResourceLogReader(ResourceLoggerService service, Func<IReadOnlyList<ResourceLog>> getSources)
{
    /// <summary>The most lines read at once.</summary>
    public const int MaximumBatch = 1_000;

    private readonly Dictionary<ResourceLog, Position> _positions = [];

    /// <summary>Gets what wakes the reader.</summary>
    public AsyncSignal Signal { get; } = new();

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                AddSources();
                var ended = _positions.Count > 0 && _positions.All(static position => position.Value.HasEnded(position.Key));
                var any = false;
                foreach (var (log, position) in _positions)
                {
                    while (service.Read(log, position, MaximumBatch) is { Count: > 0 } batch)
                    {
                        any = true;
                        yield return batch;
                        cancellationToken.ThrowIfCancellationRequested();
                    }
                }

                if (ended)
                {
                    yield break;
                }

                if (!any)
                {
                    await Signal.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            foreach (var log in _positions.Keys)
            {
                service.RemoveReader(log, Signal);
            }
        }
    }

    /// <summary>Begins to read what the resource has been given since the last look: an instance may appear at any time.</summary>
    private void AddSources()
    {
        foreach (var log in getSources())
        {
            if (!_positions.ContainsKey(log))
            {
                _positions.Add(log, new Position(log.GetCompletion().Completions));
                service.AddReader(log, Signal);
            }
        }
    }

    internal sealed class Position(int completionsAtStart)
    {
        /// <summary>Gets or sets the number of the last line that was read; none before the first.</summary>
        public long? LastNumber { get; set; }

        /// <summary>Says whether the log has been completed since the reader came, or was complete already then.</summary>
        public bool HasEnded(ResourceLog log)
        {
            var (completions, completed) = log.GetCompletion();
            return completed || completions != completionsAtStart;
        }
    }
}
