namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a command's state follows from.</summary>
public sealed class UpdateCommandStateContext
{
    /// <summary>Gets the resource instance as it is now.</summary>
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }

    /// <summary>Gets the services of the application.</summary>
    public required IServiceProvider ServiceProvider { get; init; }
}
