namespace Aspire.Hosting;

/// <summary>What a <see cref="DistributedApplicationExecutionContext"/> is made of.</summary>
public class DistributedApplicationExecutionContextOptions
{
    /// <summary>Initializes the options without a publisher.</summary>
    /// <param name="operation">The operation.</param>
    public DistributedApplicationExecutionContextOptions(DistributedApplicationOperation operation)
    {
        Operation = operation;
    }

    /// <summary>Initializes the options.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="publisherName">The name of the publisher.</param>
    public DistributedApplicationExecutionContextOptions(DistributedApplicationOperation operation, string publisherName)
    {
        Operation = operation;
        PublisherName = publisherName;
    }

    /// <summary>Gets the operation.</summary>
    public DistributedApplicationOperation Operation { get; }

    /// <summary>Gets the name of the publisher; <see langword="null"/> for the default one.</summary>
    public string? PublisherName { get; }

    /// <summary>Gets or sets the services of the application; set when it is built.</summary>
    public IServiceProvider? ServiceProvider { get; set; }
}
