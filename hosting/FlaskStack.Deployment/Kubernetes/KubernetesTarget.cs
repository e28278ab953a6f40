using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>A Kubernetes cluster as a place to deploy to, by plain manifests with a kustomization.</summary>
public sealed partial class KubernetesTarget : DeploymentTarget
{
    private readonly List<ClusterRoute> _routes = [];

    internal KubernetesTarget(string name, IDistributedApplicationBuilder builder)
        : base(name, builder, "Kubernetes manifests with a kustomization")
    {
    }

    /// <summary>
    /// The processor time that each pod requests, in Kubernetes' notation: <c>250m</c> is a quarter of a core. The autoscaler adds pods
    /// above 70 % of it. Default <c>250m</c>.
    /// </summary>
    public string CpuRequest { get; set; } = "250m";

    /// <summary>
    /// The open requests per pod, 1 or more, above which the autoscaler adds pods to a project; the processor counts too. It needs a
    /// metrics adapter in the cluster that serves <c>http_server_active_requests</c> of the pods. Default null: the processor alone.
    /// </summary>
    public int? RequestsPerReplica { get; set; }

    internal IReadOnlyList<ClusterRoute> Routes => _routes;

    /// <summary>Has an Ingress lead to an endpoint, such as that of nginx, whose Service needs no load balancer then.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="host">The host name to serve; null for every one.</param>
    /// <param name="path">The path to serve, element by element.</param>
    /// <param name="className">The class of controller that serves it; null for the cluster's default.</param>
    /// <param name="tlsSecret">
    /// The Secret with certificate and key, which the cluster has or a controller makes; null for plain HTTP.
    /// </param>
    /// <returns>The target.</returns>
    public KubernetesTarget RouteFromIngress(
        EndpointReference endpoint, string? host = null, string path = "/", string? className = null, string? tlsSecret = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(path);

        _routes.Add(new IngressRoute(endpoint, host, path, className, tlsSecret));
        return this;
    }

    /// <summary>
    /// Has a Gateway of the cluster lead to an endpoint, such as that of nginx, whose Service needs no load balancer then: writes an
    /// HTTPRoute.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="gateway">The name of the Gateway, which the cluster has.</param>
    /// <param name="host">The host name to serve; null for all of the Gateway.</param>
    /// <param name="path">The path to serve, element by element.</param>
    /// <param name="gatewayNamespace">The namespace of the Gateway; null for that of the application.</param>
    /// <param name="listener">The listener of the Gateway; null for all of them.</param>
    /// <param name="endsTls">Whether the Gateway ends TLS, as the options of nginx for https need it.</param>
    /// <returns>The target.</returns>
    public KubernetesTarget RouteFromGateway(
        EndpointReference endpoint,
        string gateway,
        string? host = null,
        string path = "/",
        string? gatewayNamespace = null,
        string? listener = null,
        bool endsTls = false)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(gateway);
        ArgumentException.ThrowIfNullOrEmpty(path);

        _routes.Add(new GatewayRoute(endpoint, host, path, gateway, gatewayNamespace, listener, endsTls));
        return this;
    }

    /// <inheritdoc/>
    internal override IEnumerable<string> MissingSupervision => MissingFromPods;

    /// <summary>The Service, which every pod of the namespace can look up, on the port given or the usual one of the scheme.</summary>
    internal override (string Host, int Port) AddressOf(EndpointReference endpoint) =>
        (NameOf(endpoint.Resource), ServicePort(endpoint.EndpointAnnotation));

    /// <summary>Where others reach an endpoint.</summary>
    /// <exception cref="InvalidOperationException">It has no port.</exception>
    internal static int ServicePort(EndpointAnnotation endpoint) =>
        Given(endpoint.Port) ?? UsualPort(endpoint.UriScheme) ?? Given(endpoint.TargetPort)
        ?? throw new InvalidOperationException($"Endpoint '{endpoint.Name}' has no port, and '{endpoint.UriScheme}' has no usual one.");

    internal override async Task<IEnumerable<PublishedFile>> RenderAsync(PipelineStepContext context, string folder)
    {
        if (!Cpu().IsMatch(CpuRequest))
        {
            throw new DistributedApplicationException(
                $"CpuRequest of '{Name}' is '{CpuRequest}': it must be a number of cores such as 2, or of thousandths such as 250m.");
        }

        if (RequestsPerReplica < 1)
        {
            throw new DistributedApplicationException(
                $"RequestsPerReplica of '{Name}' is {RequestsPerReplica}: it must be 1 or more, or null to scale by the processor alone.");
        }

        var reader = new WorkloadReader(this, new ValueReader(this, context.ExecutionContext, context.CancellationToken));
        var workloads = new List<Workload>();
        foreach (var resource in ResourcesOf(context.Model).OrderBy(static resource => resource.Name, StringComparer.Ordinal))
        {
            workloads.Add(await reader.ReadAsync(resource).ConfigureAwait(false));
        }

        if (workloads.Count == 0)
        {
            throw new DistributedApplicationException(
                $"There is nothing to publish to '{Name}': add a project with AddProject, or a container with AddContainer.");
        }

        return _routes.FirstOrDefault(route => workloads.All(workload => workload.Name != route.Workload)) is { } lost
            ? throw new DistributedApplicationException(
                $"{lost.Source} leads to '{lost.Endpoint.Resource.Name}', which is not published to '{Name}'.")
            : new ManifestRenderer(this, workloads).Render();
    }

    private static int? Given(int? port) => port is 0 ? null : port;

    [GeneratedRegex(@"^[1-9][0-9]{0,6}m?\z")]
    private static partial Regex Cpu();
}

/// <summary>What leads from outside the cluster to an endpoint.</summary>
internal abstract record ClusterRoute(EndpointReference Endpoint, string? Host, string Path)
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Source { get; }

    /// <summary>Whether clients use https.</summary>
    public abstract bool EndsTls { get; }

    /// <summary>The workload that answers.</summary>
    public string Workload => DeploymentTarget.NameOf(Endpoint.Resource);

    public int Port => KubernetesTarget.ServicePort(Endpoint.EndpointAnnotation);
}

/// <summary>A rule of an Ingress.</summary>
internal sealed record IngressRoute(EndpointReference Endpoint, string? Host, string Path, string? ClassName, string? TlsSecret)
    : ClusterRoute(Endpoint, Host, Path)
{
    public override string Source => "An Ingress";

    public override bool EndsTls => TlsSecret is not null;
}

/// <summary>A route of the Gateway API.</summary>
internal sealed record GatewayRoute(
    EndpointReference Endpoint, string? Host, string Path, string Gateway, string? Namespace, string? Listener, bool IsSecure)
    : ClusterRoute(Endpoint, Host, Path)
{
    public override string Source => $"Gateway '{Gateway}'";

    public override bool EndsTls => IsSecure;
}
