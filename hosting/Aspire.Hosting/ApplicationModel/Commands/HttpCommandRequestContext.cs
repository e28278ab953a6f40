namespace Aspire.Hosting.ApplicationModel;

/// <summary>What the request of an HTTP command is completed with.</summary>
public sealed class HttpCommandRequestContext
{
    /// <summary>Gets the services of the application.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>Gets the resource instance the command is executed on.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Gets the endpoint the request goes to.</summary>
    public required EndpointReference Endpoint { get; init; }

    /// <summary>Gets a token that ends the execution.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>Gets the client that sends the request.</summary>
    public required HttpClient HttpClient { get; init; }

    /// <summary>Gets the request.</summary>
    public required HttpRequestMessage Request { get; init; }
}
