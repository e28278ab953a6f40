using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What compute resources are deployed to, such as Docker Compose, Kubernetes or a server.</summary>
public interface IComputeEnvironmentResource : IResource
{
    /// <summary>Says under which host name the resources of the environment reach an endpoint.</summary>
    /// <param name="endpointReference">The endpoint.</param>
    [Experimental("ASPIRECOMPUTE002", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    ReferenceExpression GetHostAddressExpression(EndpointReference endpointReference);

    /// <summary>Says what a part of an endpoint is in the environment; unless it says otherwise, ports not given are 80 and 443.</summary>
    /// <param name="endpointReferenceExpression">The part.</param>
    /// <exception cref="InvalidOperationException">The endpoint is neither http nor https and has no port, or has no such part.</exception>
    [Experimental("ASPIRECOMPUTE002", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    ReferenceExpression GetEndpointPropertyExpression(EndpointReferenceExpression endpointReferenceExpression)
    {
        ArgumentNullException.ThrowIfNull(endpointReferenceExpression);

        var reference = endpointReferenceExpression.Endpoint;
        var endpoint = reference.EndpointAnnotation;
        var usual = endpoint.UriScheme.ToLowerInvariant() switch
        {
            "http" => 80,
            "https" => 443,
            _ => (int?)null,
        };
        var port = endpoint.Port ?? usual
            ?? throw new InvalidOperationException($"Endpoint '{endpoint.Name}' of '{reference.Resource.Name}' has no port, and '{endpoint.UriScheme}' has no usual one.");
        var portText = port.ToString(CultureInfo.InvariantCulture);
        var host = GetHostAddressExpression(reference);
        return endpointReferenceExpression.Property switch
        {
            EndpointProperty.Url when port == usual => ReferenceExpression.Create($"{endpoint.UriScheme}://{host}"),
            EndpointProperty.Url => ReferenceExpression.Create($"{endpoint.UriScheme}://{host}:{portText}"),
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.HostAndPort => ReferenceExpression.Create($"{host}:{portText}"),
            EndpointProperty.Port => ReferenceExpression.Create($"{portText}"),
            EndpointProperty.TargetPort => ReferenceExpression.Create($"{(endpoint.TargetPort ?? port).ToString(CultureInfo.InvariantCulture)}"),
            EndpointProperty.Scheme => ReferenceExpression.Create($"{endpoint.UriScheme}"),
            EndpointProperty.TlsEnabled => ReferenceExpression.Create($"{(endpoint.TlsEnabled ? bool.TrueString : bool.FalseString)}"),
            var other => throw new InvalidOperationException($"Endpoint '{endpoint.Name}' of '{reference.Resource.Name}' has no property '{other}'."),
        };
    }
}
