using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>Tells a person how a piece of work of a step goes on.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IReportingTask : IAsyncDisposable
{
    /// <summary>Changes what is told.</summary>
    /// <param name="statusText">What it does now.</param>
    /// <param name="cancellationToken">Ends the wait for the reader.</param>
    Task UpdateAsync(string statusText, CancellationToken cancellationToken = default);

    /// <summary>Says how it ended; without it, it is done when it is disposed. The first call counts.</summary>
    /// <param name="completionMessage">What came of it.</param>
    /// <param name="completionState">How it ended.</param>
    /// <param name="cancellationToken">Ends the wait for the reader.</param>
    Task CompleteAsync(string? completionMessage = null, CompletionState completionState = CompletionState.Completed, CancellationToken cancellationToken = default);
}
