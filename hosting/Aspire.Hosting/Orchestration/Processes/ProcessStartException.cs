namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>A process could not be started; the message names the file and the mend.</summary>
internal sealed class ProcessStartException(string message, Exception? innerException = null) : Exception(message, innerException);
