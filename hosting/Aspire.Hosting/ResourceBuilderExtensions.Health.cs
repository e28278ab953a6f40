using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    private static readonly string[] HttpSchemes = ["https", "http"];

    /// <summary>Says that a registered health check speaks for this resource.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="key">The name under which the health check is registered.</param>
    /// <exception cref="DistributedApplicationException">The resource has that health check already.</exception>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(key);

        return builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(check => check.Key == key)
            ? throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' has a health check '{key}' already.")
            : builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    /// <summary>Checks the health of the resource, of each replica at its own address, with a GET request.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path to ask for. Default: <c>/</c>.</param>
    /// <param name="statusCode">The status code of a healthy answer. Default: 200.</param>
    /// <param name="endpointName">The endpoint to ask; when null the one named https, else the one named http.</param>
    /// <exception cref="DistributedApplicationException">The resource has no such HTTP endpoint.</exception>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.AddHttpHealthCheck(() => ChooseHttpEndpoint(builder.Resource, endpointName), path, statusCode);
    }

    /// <summary>Checks the health of the resource, of each replica at its own address, with a GET request.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointSelector">Chooses the endpoint to ask; when null the one named https, else the one named http.</param>
    /// <param name="path">The path to ask for. Default: <c>/</c>.</param>
    /// <param name="statusCode">The status code of a healthy answer. Default: 200.</param>
    /// <exception cref="DistributedApplicationException">The endpoint does not exist, or is not an HTTP one.</exception>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, Func<EndpointReference>? endpointSelector, string? path = null, int? statusCode = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.AddHttpHealthCheck(endpointSelector ?? (() => ChooseHttpEndpoint(builder.Resource, endpointName: null)), path, statusCode);
    }

    /// <summary>Checks the health of the resource with a GET request to its HTTPS endpoint.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path to ask for. Default: <c>/</c>.</param>
    /// <param name="statusCode">The status code of a healthy answer. Default: 200.</param>
    /// <param name="endpointName">The endpoint to ask. Default: <c>https</c>.</param>
    /// <exception cref="DistributedApplicationException">The resource has no such HTTPS endpoint.</exception>
    [Obsolete("Use WithHttpHealthCheck, which takes HTTPS endpoints too.")]
    public static IResourceBuilder<T> WithHttpsHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints => builder.WithHttpHealthCheck(path, statusCode, endpointName ?? "https");

    private static IResourceBuilder<T> AddHttpHealthCheck<T>(this IResourceBuilder<T> builder, Func<EndpointReference> selector, string? path, int? statusCode)
        where T : IResourceWithEndpoints
    {
        var endpoint = selector()
            ?? throw new DistributedApplicationException($"The health check of resource '{builder.Resource.Name}' was given no endpoint to ask.");
        if (!endpoint.EndpointAnnotation.IsHttpScheme)
        {
            throw new DistributedApplicationException($"The health check of resource '{builder.Resource.Name}' needs an HTTP endpoint, and '{endpoint.EndpointName}' has scheme '{endpoint.Scheme}'.");
        }

        var probe = new HttpHealthProbeAnnotation
        {
            Key = $"{builder.Resource.Name}_{endpoint.EndpointName}_{path ?? "/"}_{(statusCode ?? 200).ToString(CultureInfo.InvariantCulture)}_check",
            Endpoint = () => endpoint,
            Path = path ?? "/",
            StatusCode = statusCode ?? 200,
        };

        builder.WithHealthCheck(probe.Key).WithAnnotation(probe);
        builder.ApplicationBuilder.Services.AddHealthProbeClient().AddHealthChecks().Add(new HealthCheckRegistration(
            probe.Key,
            services => new HttpHealthCheck(
                services.GetRequiredService<IHttpClientFactory>(),
                _ => ValueTask.FromResult<Uri?>(endpoint.IsAllocated ? HttpHealthCheck.Target(endpoint.Url, probe.Path) : null),
                probe.StatusCode),
            failureStatus: null,
            tags: null));
        return builder;
    }

    private static EndpointReference ChooseHttpEndpoint(IResourceWithEndpoints resource, string? endpointName)
    {
        var names = endpointName is null ? HttpSchemes : [endpointName];
        return names.Select(name => resource.GetEndpoint(name)).FirstOrDefault(static endpoint => endpoint.Exists)
            ?? throw new DistributedApplicationException($"Resource '{resource.Name}' has no endpoint named {string.Join(" or ", names)} for a health check: add one first, or name another.");
    }
}
