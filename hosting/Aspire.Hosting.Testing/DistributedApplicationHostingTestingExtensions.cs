using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>How a test reaches the resources of a started application.</summary>
public static class DistributedApplicationHostingTestingExtensions
{
    // The order of https+http://name, the default of service discovery.
    private static readonly string[] DefaultEndpointNames = ["https", "http"];

    /// <summary>Makes a client whose base address is an endpoint of a resource.</summary>
    /// <remarks>
    /// The client comes from the application's <see cref="IHttpClientFactory"/>: what a test adds to it with
    /// <c>builder.Services.ConfigureHttpClientDefaults(…)</c>, such as retries, applies.
    /// </remarks>
    /// <param name="app">The application.</param>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="endpointName">The name of the endpoint. Default: https, or else http.</param>
    /// <returns>The client.</returns>
    /// <exception cref="ArgumentException">There is no such resource or endpoint.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    /// <example><code>using var client = app.CreateHttpClient("nginx");</code></example>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var address = app.GetEndpoint(resourceName, endpointName);
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = address;
        return client;
    }

    /// <summary>Gets the connection string of a resource.</summary>
    /// <param name="app">The application.</param>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="cancellationToken">Ends the wait for the parts of the connection string.</param>
    /// <returns>The connection string.</returns>
    /// <exception cref="ArgumentException">There is no such resource, or it has no connection string.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public static ValueTask<string?> GetConnectionStringAsync(this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default)
    {
        return FindResource(app, resourceName) is IResourceWithConnectionString resource
            ? resource.GetConnectionStringAsync(cancellationToken)
            : throw new ArgumentException($"The resource '{resourceName}' has no connection string.", nameof(resourceName));
    }

    /// <summary>Gets the address of an endpoint of a resource.</summary>
    /// <param name="app">The application.</param>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="endpointName">The name of the endpoint. Default: https, or else http.</param>
    /// <returns>The address, such as <c>http://localhost:8080</c>.</returns>
    /// <exception cref="ArgumentException">There is no such resource or endpoint.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null) =>
        app.GetEndpointForNetwork(resourceName, networkIdentifier: null, endpointName);

    /// <summary>Gets the address of an endpoint of a resource as it is seen from a network.</summary>
    /// <param name="app">The application.</param>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="networkIdentifier">The network. Default: this machine's, on which every local process is.</param>
    /// <param name="endpointName">The name of the endpoint. Default: https, or else http.</param>
    /// <returns>The address, such as <c>http://localhost:8080</c>.</returns>
    /// <exception cref="ArgumentException">There is no such resource or endpoint.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started, or the endpoint has no address on that network.</exception>
    public static Uri GetEndpointForNetwork(
        this DistributedApplication app,
        string resourceName,
        NetworkIdentifier? networkIdentifier,
        string? endpointName = null)
    {
        if (FindResource(app, resourceName) is not IResourceWithEndpoints resource)
        {
            throw new ArgumentException($"The resource '{resourceName}' has no endpoints.", nameof(resourceName));
        }

        string[] names = string.IsNullOrEmpty(endpointName) ? DefaultEndpointNames : [endpointName];
        var known = resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.Name).ToList();
        var name = Array.Find(names, name => known.Contains(name, StringComparer.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"The resource '{resourceName}' has no endpoint '{string.Join("' or '", names)}'; it has: {(known.Count == 0 ? "none" : string.Join(", ", known))}.",
                nameof(endpointName));
        return new Uri(new EndpointReference(resource, name, networkIdentifier).Url);
    }

    private static IResource FindResource(DistributedApplication app, string resourceName)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentException.ThrowIfNullOrEmpty(resourceName);
        if (!app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.IsCancellationRequested)
        {
            throw new InvalidOperationException("The application has not been started: call StartAsync first.");
        }

        var resources = app.Services.GetRequiredService<DistributedApplicationModel>().Resources;
        return resources.FirstOrDefault(resource => string.Equals(resource.Name, resourceName, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"There is no resource '{resourceName}'; there is: {string.Join(", ", resources.Select(resource => resource.Name))}.",
                nameof(resourceName));
    }
}
