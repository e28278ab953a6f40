namespace Aspire.Hosting;

/// <summary>A failure of the application model or of a resource in it.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Initializes the exception.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>Initializes the exception.</summary>
    /// <param name="message">What failed, and the mend.</param>
    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception.</summary>
    /// <param name="message">What failed, and the mend.</param>
    /// <param name="inner">The cause.</param>
    public DistributedApplicationException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
