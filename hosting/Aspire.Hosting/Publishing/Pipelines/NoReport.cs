using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>Tells nobody: for steps that only hold others together.</summary>
internal sealed class NoReport : IReportingStep, IReportingTask
{
    public static NoReport Instance { get; } = new();

    public Task<IReportingTask> CreateTaskAsync(string statusText, CancellationToken cancellationToken = default) => Task.FromResult<IReportingTask>(this);

    public void Log(LogLevel logLevel, string message)
    {
    }

    public Task UpdateAsync(string statusText, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task CompleteAsync(string? completionMessage = null, CompletionState completionState = CompletionState.Completed, CancellationToken cancellationToken = default) =>
        Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
