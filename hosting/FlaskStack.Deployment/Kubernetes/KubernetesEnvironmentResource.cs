using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Publishing;

namespace Aspire.Hosting.Kubernetes;

/// <summary>A Kubernetes cluster that the application is published for, as plain manifests with a kustomization.</summary>
public sealed class KubernetesEnvironmentResource : Resource, IComputeEnvironmentResource
{
    /// <summary>Creates the environment, with the step <c>publish-{name}</c>.</summary>
    /// <param name="name">The name of the resource.</param>
    public KubernetesEnvironmentResource(string name)
        : base(name) => Annotations.Add(KubernetesPublishStep.For(this));

    /// <summary>When a node fetches an image: <c>Always</c>, <c>IfNotPresent</c> or <c>Never</c>. Default <c>IfNotPresent</c>.</summary>
    public string DefaultImagePullPolicy { get; set; } = "IfNotPresent";

    /// <summary>
    /// The type of the Services: <c>ClusterIP</c>, <c>NodePort</c> or <c>LoadBalancer</c>. Default <c>ClusterIP</c>; then a resource with
    /// external endpoints to which no Ingress leads has a <c>LoadBalancer</c> all the same.
    /// </summary>
    public string DefaultServiceType { get; set; } = "ClusterIP";

    /// <summary>What objects are marked with.</summary>
    internal string ApplicationName { get; init; } = "app";

    /// <summary>The AppHost, as what is written names it.</summary>
    internal string AppHost { get; init; } = "the AppHost";

    /// <summary>The Ingresses added to the environment.</summary>
    internal List<KubernetesIngressResource> Ingresses { get; } = [];

    /// <summary>The name of the Service, which every pod of the namespace can look up.</summary>
    /// <param name="endpointReference">The endpoint.</param>
    public ReferenceExpression GetHostAddressExpression(EndpointReference endpointReference)
    {
        ArgumentNullException.ThrowIfNull(endpointReference);

        return ReferenceExpression.Create($"{endpointReference.Resource.Name.ToLowerInvariant()}");
    }

    /// <inheritdoc/>
    ReferenceExpression IComputeEnvironmentResource.GetEndpointPropertyExpression(EndpointReferenceExpression endpointReferenceExpression)
    {
        var reference = endpointReferenceExpression.Endpoint;
        var endpoint = reference.EndpointAnnotation;
        var host = reference.Resource.Name.ToLowerInvariant();
        var port = EndpointPorts.ServicePort(endpoint);
        var text = endpointReferenceExpression.Property switch
        {
            EndpointProperty.Url => port == EndpointPorts.UsualPort(endpoint) ? $"{endpoint.UriScheme}://{host}" : $"{endpoint.UriScheme}://{host}:{Text(port)}",
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.HostAndPort => $"{host}:{Text(port)}",
            EndpointProperty.Port => Text(port),
            EndpointProperty.TargetPort => Text(EndpointPorts.ContainerPort(reference.Resource, endpoint)),
            EndpointProperty.Scheme => endpoint.UriScheme,
            EndpointProperty.TlsEnabled => endpoint.TlsEnabled ? bool.TrueString : bool.FalseString,
            var other => throw new InvalidOperationException($"Endpoint '{endpoint.Name}' of '{reference.Resource.Name}' has no property '{other}'."),
        };
        return ReferenceExpression.Create($"{text}");
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
