namespace Aspire.Hosting.Testing;

/// <summary>A builder that a test may change before it lets the application be built.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Builds the application. A builder builds once.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The application, not started yet.</returns>
    /// <exception cref="InvalidOperationException">The AppHost's entry point ended without building an application.</exception>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
