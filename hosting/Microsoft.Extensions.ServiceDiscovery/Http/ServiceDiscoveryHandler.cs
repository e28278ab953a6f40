using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.ServiceDiscovery.Http;

/// <summary>Sends each request to the next endpoint of the service it names.</summary>
/// <param name="resolver">Resolves the names.</param>
/// <param name="options">Which schemes are allowed.</param>
internal sealed class ServiceDiscoveryHandler(ServiceEndpointResolver resolver, IOptions<ServiceDiscoveryOptions> options) : DelegatingHandler
{
    private readonly ConcurrentDictionary<string, RoundRobin> _turns = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The service has no endpoint.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true, Host.Length: > 0 } original)
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var endpoint = await NextAsync(original.GetLeftPart(UriPartial.Authority), cancellationToken).ConfigureAwait(false);
        request.RequestUri = EndpointUri.Apply(original, endpoint.EndPoint, options.Value);
        request.Headers.Host ??= endpoint.Features.Get<IHostNameFeature>()?.HostName;
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // A retry must start from the name again, to reach another endpoint.
            request.RequestUri = original;
        }
    }

    private async ValueTask<ServiceEndpoint> NextAsync(string service, CancellationToken cancellationToken)
    {
        var source = await resolver.GetEndpointsAsync(service, cancellationToken).ConfigureAwait(false);
        if (source.Endpoints.Count == 0)
        {
            throw new InvalidOperationException($"No endpoint is known for {service}; configure one under Services, or refer to the service in the AppHost.");
        }

        return source.Endpoints.Count == 1
            ? source.Endpoints[0]
            : source.Endpoints[_turns.GetOrAdd(service, _ => new RoundRobin()).Next(source.Endpoints.Count)];
    }

    private sealed class RoundRobin
    {
        private uint _last = uint.MaxValue;

        public int Next(int count) => (int)(Interlocked.Increment(ref _last) % (uint)count);
    }
}
