namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Takes what a process prints. Lines of one stream arrive in order, one call at a time; the two streams call at the same time, so
/// implementations lock. The child waits at most as long as a call takes: keep it short.
/// </summary>
internal interface IConsoleSink
{
    /// <summary>Takes one line.</summary>
    /// <param name="utc">When it was read.</param>
    /// <param name="line">The text without its line end; escape sequences are kept.</param>
    /// <param name="isError">True for the error stream.</param>
    void Write(DateTime utc, string line, bool isError);
}
