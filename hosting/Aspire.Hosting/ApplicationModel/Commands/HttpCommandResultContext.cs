namespace Aspire.Hosting.ApplicationModel;

/// <summary>What the result of an HTTP command is made of.</summary>
public sealed class HttpCommandResultContext
{
    /// <summary>Gets the services of the application.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>Gets the resource instance the command is executed on.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Gets the endpoint the request went to.</summary>
    public required EndpointReference Endpoint { get; init; }

    /// <summary>Gets a token that ends the execution.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>Gets the client that sent the request.</summary>
    public required HttpClient HttpClient { get; init; }

    /// <summary>Gets the response; disposed when the callback is done.</summary>
    public required HttpResponseMessage Response { get; init; }
}
