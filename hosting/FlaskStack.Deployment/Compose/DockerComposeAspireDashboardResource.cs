using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Docker;

/// <summary>The Aspire dashboard, deployed beside the services whose telemetry it shows.</summary>
/// <param name="name">The name of the resource.</param>
public class DockerComposeAspireDashboardResource(string name) : ContainerResource(name)
{
    internal const string PrimaryEndpointName = "http";
    internal const string OtlpGrpcEndpointName = "otlp-grpc";

    /// <summary>Where browsers reach it.</summary>
    public EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

    /// <summary>Where services send their telemetry over gRPC.</summary>
    public EndpointReference OtlpGrpcEndpoint => new(this, OtlpGrpcEndpointName);
}
