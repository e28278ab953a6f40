using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>The Aspire dashboard as a service. Its page asks for a token, and only services that know a key tell it anything.</summary>
internal static class ComposeDashboard
{
    /// <summary>The placeholder of the key that services send their telemetry with.</summary>
    public const string OtlpKeyVariable = "DASHBOARD_OTLP_KEY";

    private const string TokenVariable = "DASHBOARD_BROWSER_TOKEN";
    private const string Image = "mcr.microsoft.com/dotnet/aspire-dashboard";
    private const string Tag = "13.5";
    private const int FrontendPort = 18888;
    private const int OtlpGrpcPort = 18889;

    public static IResourceBuilder<DockerComposeAspireDashboardResource> Create(IDistributedApplicationBuilder builder, string environment) =>
        builder.CreateResourceBuilder(new DockerComposeAspireDashboardResource($"{environment}-dashboard"))
            .WithImage(Image, Tag)
            .WithHttpEndpoint(targetPort: FrontendPort, name: DockerComposeAspireDashboardResource.PrimaryEndpointName)
            .WithHttpEndpoint(targetPort: OtlpGrpcPort, name: DockerComposeAspireDashboardResource.OtlpGrpcEndpointName)
            .WithEnvironment("DASHBOARD__FRONTEND__AUTHMODE", "BrowserToken")
            .WithEnvironment("DASHBOARD__FRONTEND__BROWSERTOKEN", Secret(TokenVariable))
            .WithEnvironment("DASHBOARD__OTLP__AUTHMODE", "ApiKey")
            .WithEnvironment("DASHBOARD__OTLP__PRIMARYAPIKEY", Secret(OtlpKeyVariable))
            .PublishAsDockerComposeService(static (_, service) =>
            {
                service.Restart = "unless-stopped";
                // Telemetry is for whoever can log in to the machine.
                service.Ports = ["127.0.0.1:${DASHBOARD_PORT:-18888}:18888"];
                service.Expose.Remove("18888");
            });

    /// <summary>What tells a resource where to send its telemetry.</summary>
    public static IEnumerable<KeyValuePair<string, object>> VariablesFor(IResource resource, DockerComposeAspireDashboardResource dashboard) =>
        resource.Annotations.OfType<OtlpExporterAnnotation>().Any()
            ?
            [
                new("OTEL_EXPORTER_OTLP_ENDPOINT", dashboard.OtlpGrpcEndpoint),
                new("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                new("OTEL_EXPORTER_OTLP_HEADERS", ReferenceExpression.Create($"x-otlp-api-key={Secret(OtlpKeyVariable)}")),
                new("OTEL_SERVICE_NAME", resource.Name),
            ]
            : [];

    private static ParameterResource Secret(string variable) => new(variable.Replace('_', '-').ToLowerInvariant(), static _ => string.Empty, secret: true);
}
