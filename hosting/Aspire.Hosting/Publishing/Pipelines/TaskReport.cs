using Aspire.Hosting.Publishing.Progress;

namespace Aspire.Hosting.Pipelines;

/// <summary>Writes what a task of a step tells into the progress of the publish.</summary>
internal sealed class TaskReport(PublishProgress progress, PublishTask task) : IReportingTask
{
    private PublishTask _task = task;
    private int _ended;

    public Task UpdateAsync(string statusText, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(statusText);

        _task = progress.Update(_task, statusText);
        return Task.CompletedTask;
    }

    public Task CompleteAsync(string? completionMessage = null, CompletionState completionState = CompletionState.Completed, CancellationToken cancellationToken = default)
    {
        End(completionState, completionMessage);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        End(CompletionState.Completed, message: null);
        return ValueTask.CompletedTask;
    }

    private void End(CompletionState state, string? message)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            progress.End(_task, PublishStates.From(state), message);
        }
    }
}
