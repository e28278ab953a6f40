using Aspire.Hosting.Publishing.Progress;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>Writes what a step tells into the progress of the publish.</summary>
internal sealed class StepReport(PublishProgress progress, string name, LogLevel leastLevel) : IReportingStep
{
    private readonly PublishStep _step = progress.BeginStep(name);
    private int _ended;

    public Task<IReportingTask> CreateTaskAsync(string statusText, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(statusText);

        return Task.FromResult<IReportingTask>(new TaskReport(progress, progress.BeginTask(_step, statusText)));
    }

    public void Log(LogLevel logLevel, string message)
    {
        ArgumentNullException.ThrowIfNull(message);

        if (logLevel >= leastLevel && logLevel != LogLevel.None)
        {
            progress.Log(_step, logLevel, message);
        }
    }

    public Task CompleteAsync(string completionText, CompletionState completionState = CompletionState.Completed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(completionText);

        End(completionState, completionText);
        return Task.CompletedTask;
    }

    public void Fail(string reason) => End(CompletionState.CompletedWithError, $"{name}: {reason}");

    public ValueTask DisposeAsync()
    {
        End(CompletionState.Completed, text: null);
        return ValueTask.CompletedTask;
    }

    private void End(CompletionState state, string? text)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            progress.End(_step, PublishStates.From(state), text);
        }
    }
}
