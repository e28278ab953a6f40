namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says how a health check asks over HTTP, so that each replica can be asked at its own address.</summary>
internal sealed class HttpHealthProbeAnnotation : IResourceAnnotation
{
    /// <summary>The key of the health check.</summary>
    public required string Key { get; init; }

    /// <summary>Chooses the endpoint, once the resource's endpoints have addresses.</summary>
    public required Func<EndpointReference> Endpoint { get; init; }

    /// <summary>The path that is asked for, as in <c>/health</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The status code of a healthy answer.</summary>
    public required int StatusCode { get; init; }
}
