using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Supervisor.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Deployment.Model;

/// <summary>A target that the application is published to. Its step <c>publish-{name}</c> writes files, and starts nothing.</summary>
public abstract partial class DeploymentTarget : Resource, IComputeEnvironmentResource
{
    /// <summary>The port on which the .NET images listen.</summary>
    private const int ProjectPort = 8080;

    private const string AppHostSuffix = ".AppHost";

    private readonly IResourceCollection _resources;

    private protected DeploymentTarget(string name, IDistributedApplicationBuilder builder, string writes)
        : base(name)
    {
        _resources = builder.Resources;
        AppHost = builder.AppHostAssembly?.GetName().Name ?? builder.Environment.ApplicationName;
        AppHostDirectory = builder.AppHostDirectory;
        ApplicationName = PlainName(AppHost);

        // Not after publish-prereq, which asks for parameters: those without a value are filled in at deployment.
        Annotations.Add(new PipelineStepAnnotation(_ => new PipelineStep
        {
            Name = $"publish-{name}",
            Description = $"Writes {writes}.",
            Action = PublishAsync,
            Resource = this,
            RequiredBySteps = [WellKnownPipelineSteps.Publish],
        }));
    }

    /// <summary>
    /// The name of the deployed application: a lower-case letter, then lower-case letters, digits and hyphens; at most 40 characters.
    /// Default: the name of the AppHost without <c>.AppHost</c>.
    /// </summary>
    public string ApplicationName { get; set; }

    /// <summary>
    /// The address of an OpenTelemetry collector, such as <c>ReferenceExpression.Create($"{parameter}")</c>. Each resource that makes
    /// telemetry gets it as <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, unless it has one of its own. Default: null.
    /// </summary>
    public ReferenceExpression? OtlpEndpoint { get; set; }

    /// <summary>The name of the AppHost, for the written files.</summary>
    internal string AppHost { get; }

    /// <summary>The folder of the AppHost.</summary>
    internal string AppHostDirectory { get; }

    /// <inheritdoc/>
    ReferenceExpression IComputeEnvironmentResource.GetHostAddressExpression(EndpointReference endpointReference) =>
        ReferenceExpression.Create($"{AddressOf(endpointReference).Host}");

    /// <inheritdoc/>
    ReferenceExpression IComputeEnvironmentResource.GetEndpointPropertyExpression(
        EndpointReferenceExpression endpointReferenceExpression) =>
        ReferenceExpression.Create($"{TextOf(endpointReferenceExpression)}");

    /// <summary>The value of an endpoint's property on the target.</summary>
    /// <exception cref="InvalidOperationException">The endpoint cannot be reached there.</exception>
    internal string TextOf(EndpointReferenceExpression expression)
    {
        var endpoint = expression.Endpoint;
        var (host, port) = AddressOf(endpoint);
        var text = port.ToString(CultureInfo.InvariantCulture);
        var scheme = IsEndedBefore(endpoint.EndpointAnnotation) ? "http" : endpoint.EndpointAnnotation.UriScheme;
        return expression.Property switch
        {
            EndpointProperty.Url => port == UsualPort(scheme) ? $"{scheme}://{host}" : $"{scheme}://{host}:{text}",
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.Port => text,
            EndpointProperty.HostAndPort => $"{host}:{text}",
            EndpointProperty.TargetPort =>
                ContainerPort(endpoint.Resource, endpoint.EndpointAnnotation).ToString(CultureInfo.InvariantCulture),
            EndpointProperty.Scheme => scheme,
            EndpointProperty.TlsEnabled => endpoint.EndpointAnnotation.TlsEnabled ? bool.TrueString : bool.FalseString,
            var other => throw new InvalidOperationException(
                $"Endpoint '{endpoint.EndpointName}' of '{endpoint.Resource.Name}' has no property '{other}'."),
        };
    }

    /// <summary>The host and port at which other services reach an endpoint.</summary>
    /// <exception cref="InvalidOperationException">The endpoint cannot be reached there.</exception>
    internal abstract (string Host, int Port) AddressOf(EndpointReference endpoint);

    /// <summary>The same for pods, which are always restarted, and whose image names the signal.</summary>
    internal static readonly string[] MissingFromPods =
    [
        nameof(SupervisorOptions.Autorestart),
        nameof(SupervisorOptions.MaxLifetime),
        nameof(SupervisorOptions.MaxRequests),
        nameof(SupervisorOptions.StopSignal),
    ];

    /// <summary>The options of <c>WithSupervisor</c> that production would miss here: an error where one is set.</summary>
    internal abstract IEnumerable<string> MissingSupervision { get; }

    /// <summary>Refuses options of the supervisor that a target has nothing for.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="place">The target.</param>
    /// <param name="missing">The names of the options.</param>
    /// <exception cref="DistributedApplicationException">One of them is set.</exception>
    internal static void CheckSupervision(IResource resource, string place, IEnumerable<string> missing)
    {
        var options = resource.TryGetSupervisorOptions(out var given) ? given : new SupervisorOptions();
        if (missing.FirstOrDefault(IsSet) is { } option)
        {
            throw new DistributedApplicationException(
                $"WithSupervisor: {option} of '{resource.Name}' has no effect in {place}: "
                + "leave it out there, such as by setting it only where ExecutionContext.IsRunMode.");
        }

        bool IsSet(string option) => option switch
        {
            nameof(SupervisorOptions.Autorestart) => options.Autorestart == SupervisorAutorestart.Never,
            nameof(SupervisorOptions.MaxLifetime) => options.MaxLifetime is not null,
            nameof(SupervisorOptions.MaxRequests) => options.MaxRequests is not null,
            nameof(SupervisorOptions.StopSignal) => options.StopSignal is not null,
            _ => false,
        };
    }

    /// <summary>The files to write.</summary>
    internal abstract Task<IEnumerable<PublishedFile>> RenderAsync(PipelineStepContext context, string folder);

    /// <summary>The name of a resource on the target.</summary>
    internal static string NameOf(IResource resource) => resource.Name.ToLowerInvariant();

    /// <summary>The resources that are published to this target, in the order of the model.</summary>
    internal IReadOnlyList<IResource> ResourcesOf(DistributedApplicationModel model) =>
    [
        .. model.Resources.Where(resource => resource is IComputeResource
            && !resource.IsExcludedFromPublish() && (resource.GetComputeEnvironment() is not { } bound || bound == this)),
    ];

    /// <summary>The resource of the model with the name of a resource: one that others refer to may be published as another one.</summary>
    internal IResource Published(IResource resource) =>
        _resources.FirstOrDefault(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)) ?? resource;

    /// <summary>The endpoints that have a port on the target.</summary>
    internal static IEnumerable<EndpointAnnotation> EndpointsOf(IResource resource) =>
        resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => resource is not ProjectResource || !IsEndedBefore(endpoint));

    /// <summary>The port on which the container listens.</summary>
    internal int ContainerPort(IResource resource, EndpointAnnotation endpoint)
    {
        var published = Published(resource);
        if (PublishedNginx.IsNginx(published))
        {
            return PublishedNginx.ContainerPort;
        }

        var resolved = published.ResolveEndpoints()
            .FirstOrDefault(other => string.Equals(other.Endpoint.Name, endpoint.Name, StringComparison.OrdinalIgnoreCase));
        return resolved?.TargetPort.Value ?? resolved?.ExposedPort.Value
            ?? (published is ProjectResource ? ProjectPort : UsualPort(endpoint.UriScheme) ?? ProjectPort);
    }

    /// <summary>The largest number of replicas of a resource.</summary>
    internal static int MostReplicasOf(IResource resource) => resource.Annotations.OfType<ResourceRelationshipAnnotation>()
        .Select(relationship => relationship.Resource is ReplicaGroupResource group && group.Replicas.Contains(resource) ? group.Max : 0)
        .Append(resource.GetReplicaCount())
        .Append(resource.TryGetSupervisorOptions(out var supervision) ? supervision.MaxReplicas : 0)
        .Max();

    /// <summary>The default port of a scheme, or null.</summary>
    internal static int? UsualPort(string scheme) => scheme.ToLowerInvariant() switch
    {
        "http" => 80,
        "https" => 443,
        _ => null,
    };

    /// <summary>Whether TLS ends before the service: an https endpoint without a port, as in launch profiles.</summary>
    private static bool IsEndedBefore(EndpointAnnotation endpoint) => endpoint is { UriScheme: "https", TargetPort: null or 0 };

    private static string PlainName(string appHost)
    {
        var name = appHost.EndsWith(AppHostSuffix, StringComparison.OrdinalIgnoreCase) ? appHost[..^AppHostSuffix.Length] : appHost;
        var plain = NotPlain().Replace(name.ToLowerInvariant(), "-").Trim('-');
        return plain.Length > 0 && char.IsAsciiLetter(plain[0]) ? plain : $"app-{plain}".TrimEnd('-');
    }

    private async Task PublishAsync(PipelineStepContext context)
    {
        if (!Plain().IsMatch(ApplicationName))
        {
            throw new DistributedApplicationException(
                $"ApplicationName of '{Name}' is '{ApplicationName}': it must be a lower-case letter, "
                + "then lower-case letters, digits and hyphens; at most 40 characters.");
        }

        foreach (var resource in ResourcesOf(context.Model))
        {
            CheckSupervision(resource, $"'{Name}'", MissingSupervision);
        }

        // With several targets each has its own folder, as Aspire's own environments do.
        var output = context.Services.GetRequiredService<IPipelineOutputService>();
        var folder = context.Model.Resources.OfType<IComputeEnvironmentResource>().Skip(1).Any()
            ? output.GetOutputDirectory(this) : output.GetOutputDirectory();
        var files = await RenderAsync(context, folder).ConfigureAwait(false);
        await PublishedFile.WriteAllAsync(folder, files, context.CancellationToken).ConfigureAwait(false);
        LogWritten(context.Logger, folder);
        context.Summary.Add("Output", folder);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Written to {Folder}")]
    private static partial void LogWritten(ILogger logger, string folder);

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotPlain();

    [GeneratedRegex("^[a-z][a-z0-9-]{0,39}$")]
    private static partial Regex Plain();
}
