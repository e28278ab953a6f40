namespace Aspire.Hosting;

/// <summary>Says whether the AppHost runs or publishes.</summary>
public class DistributedApplicationExecutionContext
{
    private readonly DistributedApplicationExecutionContextOptions? _options;

    /// <summary>Initializes the context; the publisher name is <c>manifest</c>.</summary>
    /// <param name="operation">The operation.</param>
    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
        : this(operation, "manifest")
    {
    }

    /// <summary>Initializes the context.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="publisherName">The name of the publisher.</param>
    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation, string publisherName)
    {
        ArgumentNullException.ThrowIfNull(publisherName);
        Operation = operation;
        PublisherName = publisherName;
    }

    /// <summary>Initializes the context.</summary>
    /// <param name="options">The operation, the publisher and, once built, the services.</param>
    public DistributedApplicationExecutionContext(DistributedApplicationExecutionContextOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        Operation = options.Operation;
        PublisherName = options.PublisherName ?? "manifest";
    }

    /// <summary>Gets the operation.</summary>
    public DistributedApplicationOperation Operation { get; }

    /// <summary>Gets or sets the name of the publisher. Default: <c>manifest</c>.</summary>
    public string PublisherName { get; set; }

    /// <summary>Gets whether the AppHost publishes.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    /// <summary>Gets whether the AppHost runs the resources.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>Gets the services of the application.</summary>
    /// <exception cref="InvalidOperationException">The application is not built yet.</exception>
    public IServiceProvider ServiceProvider => _options?.ServiceProvider
        ?? throw new InvalidOperationException("The services of the application are not available before it is built.");
}
