namespace Aspire.Hosting.Pipelines;

/// <summary>A failure that a person has read of already: it sets the exit code and is not printed again.</summary>
internal sealed class ToldException(string message, Exception inner) : DistributedApplicationException(message, inner);
