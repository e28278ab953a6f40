using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Compose;

/// <summary>Docker Compose as a deployment target.</summary>
public sealed class ComposeTarget : DeploymentTarget
{
    private const string FileName = "docker-compose.yaml";
    private const string ParametersFileName = ".env";
    private const string UpgradeFileName = "upgrade.sh";

    private bool? _hasDashboard;

    internal ComposeTarget(string name, IDistributedApplicationBuilder builder)
        : base(name, builder, "a Docker Compose file, the build contexts of its images, and a file for its secrets") =>
        Dashboard = ComposeDashboard.Create(builder, $"{name}-dashboard");

    /// <summary>
    /// Whether the Aspire dashboard is deployed too, for the telemetry of the services. Default: true, unless
    /// <see cref="DeploymentTarget.OtlpEndpoint"/> is set, with which it cannot be.
    /// </summary>
    public bool HasDashboard
    {
        get => _hasDashboard ?? OtlpEndpoint is null;
        set => _hasDashboard = value;
    }

    internal ContainerResource Dashboard { get; }

    /// <inheritdoc/>
    internal override IEnumerable<string> MissingSupervision =>
        [nameof(SupervisorOptions.MaxLifetime), nameof(SupervisorOptions.MaxRequests)];

    internal override (string Host, int Port) AddressOf(EndpointReference endpoint) =>
        (NameOf(endpoint.Resource), ContainerPort(endpoint.Resource, endpoint.EndpointAnnotation));

    internal override async Task<IEnumerable<PublishedFile>> RenderAsync(PipelineStepContext context, string folder)
    {
        if (HasDashboard && OtlpEndpoint is not null)
        {
            throw new DistributedApplicationException(
                $"OtlpEndpoint of '{Name}' is set, so that its dashboard would get no telemetry: "
                + "leave out one of OtlpEndpoint and HasDashboard.");
        }

        IReadOnlyList<IResource> resources = [.. ResourcesOf(context.Model), .. HasDashboard ? [Dashboard] : Array.Empty<IResource>()];
        var writer = new ComposeServiceWriter(
            this, resources, folder, new ValueReader(this, context.ExecutionContext, context.CancellationToken));
        var services = new YamlMap();
        foreach (var resource in resources)
        {
            services.Add(NameOf(resource), await writer.WriteAsync(resource).ConfigureAwait(false));
        }

        var volumes = new YamlMap();
        foreach (var volume in writer.Volumes)
        {
            volumes.Add(volume, new YamlMap { { "driver", "local" } });
        }

        var file = new YamlMap
        {
            { "name", ApplicationName },
            { "services", services },
            { "networks", new YamlMap { { ComposeServiceWriter.Network, new YamlMap { { "driver", "bridge" } } } } },
            { "volumes", volumes },
        };
        return
        [
            PublishedFile.OfText(FileName, Yaml.Write(file)),
            .. writer.Parameters.Any() || writer.PortSettings.Any()
                ? [PublishedFile.OfText(ParametersFileName, ParametersFile(writer), PublishedFile.Private)]
                : Array.Empty<PublishedFile>(),
            PublishedFile.OfText(UpgradeFileName, UpgradeScript.Render(resources), PublishedFile.Executable),
            .. writer.BuildFiles,
        ];
    }

    /// <summary>A line for each secret and for each parameter without a value, and a comment for what has a default.</summary>
    private static string ParametersFile(ComposeServiceWriter writer) =>
        (writer.Parameters.Any() ? "# Fill these in where the stack is deployed, and keep this file secret.\n" : "")
        + string.Concat(writer.Parameters.Select(static parameter => $"{Comment(parameter)}{parameter.Variable}=\n"))
        + (writer.PortSettings.Any() ? "# To publish another port, remove the # and change it.\n" : "")
        + string.Concat(writer.PortSettings.Select(static setting => $"#{setting}\n"));

    private static string Comment(PublishedParameter parameter) =>
        string.IsNullOrEmpty(parameter.Description) ? "" : $"# {parameter.Description.ReplaceLineEndings(" ")}\n";
}

/// <summary>
/// The Aspire dashboard as a service. Its page needs a token, and it accepts telemetry only with a key.
/// </summary>
internal static class ComposeDashboard
{
    /// <summary>The published port, on loopback only.</summary>
    public const string Port = "127.0.0.1:${DASHBOARD_PORT:-18888}:18888";

    private const string Image = "mcr.microsoft.com/dotnet/aspire-dashboard";
    private const string Tag = "13.5";
    private const string OtlpEndpoint = "otlp-grpc";
    private const int OtlpPort = 18889;

    private static readonly ParameterResource Key = Secret("dashboard-otlp-key");

    /// <summary>Creates the dashboard. It is not in the model, so that no other target deploys it.</summary>
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

    /// <summary>The environment variables that make a resource send its telemetry to the dashboard.</summary>
    public static IEnumerable<(string Name, object Value)> VariablesFor(IResource resource, ContainerResource dashboard) =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", new EndpointReference(dashboard, OtlpEndpoint)),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_HEADERS", ReferenceExpression.Create($"x-otlp-api-key={Key}")),
        ("OTEL_SERVICE_NAME", resource.Name),
    ];

    private static ParameterResource Secret(string name) => new(name, static _ => string.Empty, secret: true);
}
