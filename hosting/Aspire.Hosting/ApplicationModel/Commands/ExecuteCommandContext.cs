using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a command is executed with.</summary>
public sealed class ExecuteCommandContext
{
    /// <summary>Gets the services of the application.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>Gets the resource instance the command is executed on.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Gets a token that ends the execution.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>Gets the log of that instance.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Gets the inputs, with the values given by the caller.</summary>
    public required InteractionInputCollection Arguments { get; init; }
}
