using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Systemd.Publishing;

namespace Aspire.Hosting.Systemd;

/// <summary>One Linux server, on which systemd runs the projects of the application and the distribution's nginx stands in front of them.</summary>
public sealed class SystemdEnvironmentResource : Resource, IComputeEnvironmentResource
{
    /// <summary>nginx's port where the AppHost names none.</summary>
    internal const int DefaultPort = 80;

    /// <summary>Creates the environment, with the step <c>publish-{name}</c>.</summary>
    /// <param name="name">The name of the resource.</param>
    public SystemdEnvironmentResource(string name)
        : base(name) => Annotations.Add(SystemdPublishStep.For(this));

    /// <summary>
    /// What units, folders and the nginx site are named after: a small letter, then small letters, digits and hyphens, at most 40.
    /// Default: the name of the AppHost without <c>.AppHost</c>.
    /// </summary>
    public string ApplicationName { get; set; } = "app";

    /// <summary>
    /// The group that nginx's workers run as on the server; members of it may connect to the sockets of the projects. Default
    /// <c>www-data</c>, which is Debian's and Ubuntu's.
    /// </summary>
    public string ProxyGroup { get; set; } = "www-data";

    /// <summary>The AppHost, as what is written names it.</summary>
    internal string AppHost { get; init; } = "the AppHost";

    /// <summary>The folder of the AppHost; paths of projects are told from the one above.</summary>
    internal string AppHostDirectory { get; init; } = ".";

    /// <summary>nginx is reached on this machine; projects have Unix sockets, which no URL names.</summary>
    /// <param name="endpointReference">The endpoint.</param>
    /// <exception cref="InvalidOperationException">The endpoint is not nginx's.</exception>
    public ReferenceExpression GetHostAddressExpression(EndpointReference endpointReference)
    {
        ArgumentNullException.ThrowIfNull(endpointReference);

        return NginxPublication.IsNginx(endpointReference.Resource)
            ? ReferenceExpression.Create($"localhost")
            : throw new InvalidOperationException($"'{endpointReference.Resource.Name}' is reached through nginx alone on one server: refer to the endpoint of nginx.");
    }

    /// <inheritdoc/>
    ReferenceExpression IComputeEnvironmentResource.GetEndpointPropertyExpression(EndpointReferenceExpression endpointReferenceExpression)
    {
        var endpoint = endpointReferenceExpression.Endpoint;
        var host = GetHostAddressExpression(endpoint);
        var port = (NginxPublication.PortOf(endpoint.Resource) ?? DefaultPort).ToString(CultureInfo.InvariantCulture);
        return endpointReferenceExpression.Property switch
        {
            EndpointProperty.Url => ReferenceExpression.Create($"http://{host}:{port}"),
            EndpointProperty.Host => host,
            EndpointProperty.IPV4Host => ReferenceExpression.Create($"127.0.0.1"),
            EndpointProperty.HostAndPort => ReferenceExpression.Create($"{host}:{port}"),
            EndpointProperty.Port or EndpointProperty.TargetPort => ReferenceExpression.Create($"{port}"),
            EndpointProperty.Scheme => ReferenceExpression.Create($"http"),
            EndpointProperty.TlsEnabled => ReferenceExpression.Create($"{bool.FalseString}"),
            var other => throw new InvalidOperationException($"Endpoint '{endpoint.EndpointName}' of '{endpoint.Resource.Name}' has no property '{other}'."),
        };
    }
}
