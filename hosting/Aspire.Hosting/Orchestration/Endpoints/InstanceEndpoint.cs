using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Endpoints;

/// <summary>Where one instance of a resource serves one of its endpoints.</summary>
/// <param name="Annotation">The endpoint as the model declares it.</param>
/// <param name="Allocated">Address and port of this instance.</param>
/// <param name="UnixSocket">Path of the Unix socket it serves as well, where there are such sockets.</param>
internal sealed record InstanceEndpoint(EndpointAnnotation Annotation, AllocatedEndpoint Allocated, string? UnixSocket)
{
    private const string LoopbackAddress = "127.0.0.1";

    /// <summary>The host a process binds to: "localhost" is bound once, as 127.0.0.1.</summary>
    public string BindAddress => Annotation.TargetHost == "localhost" ? LoopbackAddress : Annotation.TargetHost;

    /// <summary>An address of this very instance that the AppHost can reach.</summary>
    public Uri LocalAddress => new UriBuilder(Allocated.UriScheme, Annotation.UriScheme == Uri.UriSchemeHttps ? "localhost" : LoopbackAddress, Allocated.Port).Uri;
}
