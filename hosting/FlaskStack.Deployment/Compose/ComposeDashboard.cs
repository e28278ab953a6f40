using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Deployment.Compose;

/// <summary>
/// The Aspire dashboard as a service. Its page asks for a token, and it takes telemetry only from services that know a key.
/// </summary>
internal static class ComposeDashboard
{
    /// <summary>Telemetry is for whoever can log in to the machine.</summary>
    public const string Port = "127.0.0.1:${DASHBOARD_PORT:-18888}:18888";

    private const string Image = "mcr.microsoft.com/dotnet/aspire-dashboard";
    private const string Tag = "13.5";
    private const string OtlpEndpoint = "otlp-grpc";
    private const int OtlpPort = 18889;

    private static readonly ParameterResource Key = Secret("dashboard-otlp-key");

    /// <summary>The dashboard, which is in no model: no other target deploys it.</summary>
    public static ContainerResource Create(IDistributedApplicationBuilder builder, string name) =>
        builder.CreateResourceBuilder(new ContainerResource(name))
            .WithImage(Image, Tag)
            .WithHttpEndpoint(targetPort: OtlpPort, name: OtlpEndpoint)
            .WithEnvironment("DASHBOARD__FRONTEND__AUTHMODE", "BrowserToken")
            .WithEnvironment(
                static context => context.EnvironmentVariables["DASHBOARD__FRONTEND__BROWSERTOKEN"] = Secret("dashboard-browser-token"))
            .WithEnvironment("DASHBOARD__OTLP__AUTHMODE", "ApiKey")
            .WithEnvironment(static context => context.EnvironmentVariables["DASHBOARD__OTLP__PRIMARYAPIKEY"] = Key)
            .Resource;

    /// <summary>Where a resource is to send its telemetry.</summary>
    public static IEnumerable<(string Name, object Value)> VariablesFor(IResource resource, ContainerResource dashboard) =>
        resource.Annotations.OfType<OtlpExporterAnnotation>().Any()
            ?
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", new EndpointReference(dashboard, OtlpEndpoint)),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                ("OTEL_EXPORTER_OTLP_HEADERS", ReferenceExpression.Create($"x-otlp-api-key={Key}")),
                ("OTEL_SERVICE_NAME", resource.Name),
            ]
            : [];

    private static ParameterResource Secret(string name) => new(name, static _ => string.Empty, secret: true);
}
