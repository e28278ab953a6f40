using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery.Resolution;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Resolves the names of services to endpoints and remembers the result until it is out of date.</summary>
public sealed class ServiceEndpointResolver : IAsyncDisposable
{
    // Names come from the program, so they are few; a program that makes them up must not fill the memory.
    private const int MostRemembered = 1024;

    private readonly ConcurrentDictionary<string, Result> _results = new(StringComparer.OrdinalIgnoreCase);
    private readonly IServiceEndpointProviderFactory[] _factories;
    private readonly TimeSpan _refreshPeriod;
    private readonly TimeProvider _time;
    private volatile bool _disposed;

    /// <summary>Makes a resolver.</summary>
    /// <param name="factories">Make the providers, in order.</param>
    /// <param name="options">How long a result counts.</param>
    /// <param name="time">The clock.</param>
    internal ServiceEndpointResolver(IEnumerable<IServiceEndpointProviderFactory> factories, IOptions<ServiceDiscoveryOptions> options, TimeProvider time)
    {
        _factories = [.. factories];
        _refreshPeriod = options.Value.RefreshPeriod;
        _time = time;
    }

    /// <summary>Resolves a service.</summary>
    /// <param name="serviceName">A name such as <c>api</c>, <c>http://api</c> or <c>https+http://_admin.api</c>.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The endpoints as they are now; there may be none.</returns>
    /// <exception cref="ArgumentException"><paramref name="serviceName"/> is <see langword="null"/> or empty, or no name of a service.</exception>
    /// <exception cref="InvalidOperationException">No provider is registered.</exception>
    /// <exception cref="KeyNotFoundException">The configuration of the service cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">The resolver is disposed.</exception>
    public ValueTask<ServiceEndpointSource> GetEndpointsAsync(string serviceName, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceName);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _results.TryGetValue(serviceName, out var result) && IsCurrent(result)
            ? ValueTask.FromResult(result.Source)
            : ResolveAsync(serviceName, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        _results.Clear();
        return ValueTask.CompletedTask;
    }

    private bool IsCurrent(Result result) => !result.Source.ChangeToken.HasChanged && (result.Expires is not { } expires || _time.GetUtcNow() < expires);

    private async ValueTask<ServiceEndpointSource> ResolveAsync(string serviceName, CancellationToken cancellationToken)
    {
        if (!ServiceEndpointQuery.TryParse(serviceName, out var query))
        {
            throw new ArgumentException($"'{serviceName}' is no name of a service; write it as 'api' or 'https+http://api'.", nameof(serviceName));
        }

        var builder = new ServiceEndpointBuilder();
        await PopulateAsync(builder, query, cancellationToken).ConfigureAwait(false);
        var source = builder.Build();
        if (_results.Count >= MostRemembered)
        {
            _results.Clear();
        }

        _results[serviceName] = new Result(source, builder.TellsChanges ? null : _time.GetUtcNow() + _refreshPeriod);
        return source;
    }

    private async ValueTask PopulateAsync(ServiceEndpointBuilder builder, ServiceEndpointQuery query, CancellationToken cancellationToken)
    {
        var asked = false;
        foreach (var factory in _factories)
        {
            if (!factory.TryCreateProvider(query, out var provider))
            {
                continue;
            }

            asked = true;
            await using (provider.ConfigureAwait(false))
            {
                await provider.PopulateAsync(builder, cancellationToken).ConfigureAwait(false);
            }
        }

        if (!asked)
        {
            throw new InvalidOperationException($"Nothing can resolve '{query}': call AddServiceDiscovery(), or add an endpoint provider.");
        }
    }

    private sealed record Result(ServiceEndpointSource Source, DateTimeOffset? Expires);
}
