namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Somebody who waits for rows of a resource. It is shown every change as it is published, so that no state is too
/// short for it to see.
/// </summary>
internal sealed class ResourceWait(string name, Func<ResourceEvent, bool> predicate, ResourceWaitScope scope)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<ResourceEvent> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, long> _seen = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _reachedRows = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets a task that completes with the change that fulfilled the wait, or fails with what the predicate threw.</summary>
    public Task<ResourceEvent> Reached => _reached.Task;

    /// <summary>Shows the wait a change.</summary>
    /// <param name="update">The change.</param>
    /// <param name="getRowIds">Gets the rows that the resource has at the moment.</param>
    public void Observe(ResourceUpdate update, Func<IResource, IReadOnlyList<string>> getRowIds)
    {
        var change = update.Event;
        if (_reached.Task.IsCompleted || !Concerns(change))
        {
            return;
        }

        lock (_gate)
        {
            if (_seen.TryGetValue(change.ResourceId, out var version) && update.Version <= version)
            {
                return;
            }

            _seen[change.ResourceId] = update.Version;
            Judge(change, getRowIds);
        }
    }

    private bool Concerns(ResourceEvent change)
        => Matches(change.Resource.Name) || Matches(change.ResourceId);

    private void Judge(ResourceEvent change, Func<IResource, IReadOnlyList<string>> getRowIds)
    {
        try
        {
            var rows = RowsThatCount(change, getRowIds);
            if (!rows.Contains(change.ResourceId, StringComparer.OrdinalIgnoreCase) || !predicate(change))
            {
                return;
            }

            _reachedRows.Add(change.ResourceId);
            if (scope == ResourceWaitScope.AnyRow || rows.All(_reachedRows.Contains))
            {
                _reached.TrySetResult(change);
            }
        }
        catch (Exception exception)
        {
            _reached.TrySetException(exception);
        }
    }

    /// <summary>Gets the rows whose state decides: the named one, else those of the scope.</summary>
    private IReadOnlyList<string> RowsThatCount(ResourceEvent change, Func<IResource, IReadOnlyList<string>> getRowIds)
    {
        if (!Matches(change.Resource.Name))
        {
            return [change.ResourceId];
        }

        var rows = getRowIds(change.Resource);
        var hasGroup = rows.Contains(change.Resource.Name, StringComparer.OrdinalIgnoreCase);
        return scope switch
        {
            ResourceWaitScope.WholeResource when hasGroup => [change.Resource.Name],
            ResourceWaitScope.EveryInstance when hasGroup && rows.Count > 1 => [.. rows.Where(row => !Matches(row))],
            _ => rows,
        };
    }

    private bool Matches(string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
