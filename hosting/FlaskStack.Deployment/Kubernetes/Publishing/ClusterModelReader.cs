using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Publishing.Values;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Reads from the model what a cluster is to run.</summary>
internal sealed class ClusterModelReader(KubernetesEnvironmentResource environment)
{
    private readonly ValueReader _values = new(environment);

    /// <exception cref="DistributedApplicationException">Something in the model cannot be written as a manifest; the message names it and the mend.</exception>
    public async Task<ClusterApplication> ReadAsync(DistributedApplicationModel model, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var reader = new WorkloadReader(environment, _values, executionContext);
        var workloads = ImmutableArray.CreateBuilder<Workload>();
        foreach (var resource in model.Resources.OfType<IComputeResource>().Where(IsMeant).OrderBy(static resource => resource.Name, StringComparer.Ordinal))
        {
            workloads.Add(await reader.ReadAsync(resource, cancellationToken).ConfigureAwait(false));
        }

        if (workloads.Count == 0)
        {
            throw new DistributedApplicationException($"There is nothing to publish to '{environment.Name}': add a project with AddProject, or a container with AddContainer.");
        }

        var ingresses = ImmutableArray.CreateBuilder<IngressDefinition>();
        foreach (var ingress in environment.Ingresses.Where(static ingress => ingress.Paths.Count > 0 || ingress.DefaultBackend is not null).OrderBy(static ingress => ingress.Name, StringComparer.Ordinal))
        {
            ingresses.Add(await ReadIngressAsync(ingress, workloads, cancellationToken).ConfigureAwait(false));
        }

        return new ClusterApplication
        {
            Name = environment.ApplicationName,
            AppHost = environment.AppHost,
            Workloads = workloads.ToImmutable(),
            Ingresses = ingresses.ToImmutable(),
        };
    }

    private bool IsMeant(IResource resource) =>
        !resource.IsExcludedFromPublish() && (resource.GetComputeEnvironment() is not { } bound || bound == environment);

    private async Task<IngressDefinition> ReadIngressAsync(KubernetesIngressResource ingress, IReadOnlyCollection<Workload> workloads, CancellationToken cancellationToken)
    {
        var annotations = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var (key, value) in ingress.IngressAnnotations)
        {
            annotations.Add(new(key, await TextAsync(ingress, value, cancellationToken).ConfigureAwait(false)));
        }

        return new IngressDefinition
        {
            Name = ingress.Name.ToLowerInvariant(),
            ClassName = ingress.IngressClassName is { } className ? await TextAsync(ingress, className, cancellationToken).ConfigureAwait(false) : null,
            Hosts = await TextsAsync(ingress, ingress.Hostnames, cancellationToken).ConfigureAwait(false),
            Routes = [.. ingress.Paths.Select(path => new IngressRoute(path.Host, path.Path, path.PathType, Backend(ingress, path.Endpoint, workloads), EndpointPorts.ServicePort(path.Endpoint.EndpointAnnotation)))],
            DefaultBackend = ingress.DefaultBackend is { } backend ? (Backend(ingress, backend, workloads), EndpointPorts.ServicePort(backend.EndpointAnnotation)) : null,
            TlsSecrets = await TextsAsync(ingress, ingress.TlsSecrets, cancellationToken).ConfigureAwait(false),
            Annotations = annotations.ToImmutable(),
        };
    }

    private string Backend(KubernetesIngressResource ingress, EndpointReference endpoint, IEnumerable<Workload> workloads)
    {
        var name = endpoint.Resource.Name.ToLowerInvariant();
        return workloads.Any(workload => workload.Name == name)
            ? name
            : throw new DistributedApplicationException($"Ingress '{ingress.Name}' leads to '{endpoint.Resource.Name}', which is not published to '{environment.Name}'.");
    }

    private async Task<ImmutableArray<string>> TextsAsync(KubernetesIngressResource ingress, IEnumerable<ReferenceExpression> expressions, CancellationToken cancellationToken)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (var expression in expressions)
        {
            texts.Add(await TextAsync(ingress, expression, cancellationToken).ConfigureAwait(false));
        }

        return texts.ToImmutable();
    }

    private async Task<string> TextAsync(KubernetesIngressResource ingress, ReferenceExpression expression, CancellationToken cancellationToken)
    {
        var value = await _values.ReadAsync(expression, cancellationToken).ConfigureAwait(false);
        return value.Literal
            ?? throw new DistributedApplicationException($"Ingress '{ingress.Name}' needs the value of '{value.Parameters.First().Name}' when it is published: set Parameters:{value.Parameters.First().Name}.");
    }
}
