using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.ServiceDiscovery.Resolution;

namespace Microsoft.Extensions.ServiceDiscovery.PassThrough;

/// <summary>Makes providers that hand a name on as it is, for platforms that resolve names themselves.</summary>
internal sealed class PassThroughServiceEndpointProviderFactory : IServiceEndpointProviderFactory
{
    /// <inheritdoc/>
    public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        var port = ServiceUri.TryParse(query.ToString(), out var uri, out _) ? uri.Port : 0;
        provider = new PassThroughServiceEndpointProvider(ServiceUri.HostEndPoint(query.ServiceName, port));
        return true;
    }
}
