using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>Tells a person, on the console or through the Aspire CLI, how a step goes on.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IReportingStep : IAsyncDisposable
{
    /// <summary>Says that a piece of work of the step begins.</summary>
    /// <param name="statusText">What it does.</param>
    /// <param name="cancellationToken">Ends the wait for the reader.</param>
    Task<IReportingTask> CreateTaskAsync(string statusText, CancellationToken cancellationToken = default);

    /// <summary>Tells a line.</summary>
    /// <param name="logLevel">How grave it is.</param>
    /// <param name="message">The line.</param>
    void Log(LogLevel logLevel, string message);

    /// <summary>Says how the step ended; without it, it is done when its action returns. The first call counts.</summary>
    /// <param name="completionText">What came of it.</param>
    /// <param name="completionState">How it ended.</param>
    /// <param name="cancellationToken">Ends the wait for the reader.</param>
    Task CompleteAsync(string completionText, CompletionState completionState = CompletionState.Completed, CancellationToken cancellationToken = default);
}
