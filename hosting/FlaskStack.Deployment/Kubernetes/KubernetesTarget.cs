using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>A Kubernetes cluster as a place to deploy to, by plain manifests with a kustomization.</summary>
public sealed partial class KubernetesTarget : DeploymentTarget
{
    private readonly List<IngressRoute> _routes = [];

    internal KubernetesTarget(string name, IDistributedApplicationBuilder builder)
        : base(name, builder, "Kubernetes manifests with a kustomization")
    {
    }

    /// <summary>
    /// The processor time that each pod requests, in Kubernetes' notation: <c>250m</c> is a quarter of a core. The autoscaler adds pods
    /// above 70 % of it. Default <c>250m</c>.
    /// </summary>
    public string CpuRequest { get; set; } = "250m";

    internal IReadOnlyList<IngressRoute> Routes => _routes;

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
                $"An Ingress leads to '{lost.Endpoint.Resource.Name}', which is not published to '{Name}'.")
            : new ManifestRenderer(this, workloads).Render();
    }

    private static int? Given(int? port) => port is 0 ? null : port;

    [GeneratedRegex(@"^[1-9][0-9]{0,6}m?\z")]
    private static partial Regex Cpu();
}

/// <summary>What leads from outside the cluster to an endpoint.</summary>
internal sealed record IngressRoute(EndpointReference Endpoint, string? Host, string Path, string? ClassName, string? TlsSecret)
{
    /// <summary>The workload that answers.</summary>
    public string Workload => DeploymentTarget.NameOf(Endpoint.Resource);
}
