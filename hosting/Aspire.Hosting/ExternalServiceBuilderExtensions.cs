using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adds services that run elsewhere.</summary>
public static class ExternalServiceBuilderExtensions
{
    /// <summary>Adds a service at a known address.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="url">The address: absolute, without query and fragment.</param>
    /// <exception cref="ArgumentException">The address is not acceptable.</exception>
    public static IResourceBuilder<ExternalServiceResource> AddExternalService(this IDistributedApplicationBuilder builder, [ResourceName] string name, string url)
    {
        ArgumentNullException.ThrowIfNull(url);

        return ExternalServiceResource.TryParse(url, out var uri, out var error)
            ? builder.AddExternalService(name, uri)
            : throw new ArgumentException($"External service '{name}': {error}", nameof(url));
    }

    /// <summary>Adds a service at a known address.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="uri">The address: absolute, without query and fragment.</param>
    /// <exception cref="ArgumentException">The address is not acceptable.</exception>
    public static IResourceBuilder<ExternalServiceResource> AddExternalService(this IDistributedApplicationBuilder builder, [ResourceName] string name, Uri uri)
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.Add(new ExternalServiceResource(name, uri)).WithUrl(uri.ToString());
    }

    /// <summary>Adds a service whose address is a parameter.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="urlParameter">Holds the address: absolute, without query and fragment.</param>
    public static IResourceBuilder<ExternalServiceResource> AddExternalService(this IDistributedApplicationBuilder builder, [ResourceName] string name, IResourceBuilder<ParameterResource> urlParameter)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(urlParameter);

        return builder.Add(new ExternalServiceResource(name, urlParameter.Resource))
            .WithReferenceRelationship(urlParameter.Resource)
            .WithUrl(ReferenceExpression.Create($"{urlParameter.Resource}"));
    }

    /// <summary>Checks the health of the service with a GET request.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="path">The path to ask for, relative to the service's address; that address itself when null.</param>
    /// <param name="statusCode">The status code of a healthy answer. Default: 200.</param>
    /// <exception cref="ArgumentException">The path is not relative, or the address is not an HTTP one.</exception>
    public static IResourceBuilder<ExternalServiceResource> WithHttpHealthCheck(this IResourceBuilder<ExternalServiceResource> builder, string? path = null, int? statusCode = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var service = builder.Resource;
        if (path is not null && !ResourceUrls.IsRelative(path))
        {
            throw new ArgumentException($"The health check of external service '{service.Name}' needs a path relative to its address, not '{path}'.", nameof(path));
        }

        if (service.Uri is { Scheme: not ("http" or "https") })
        {
            throw new ArgumentException($"External service '{service.Name}' at '{service.Uri}' cannot be asked over HTTP.", nameof(builder));
        }

        var healthy = statusCode ?? 200;
        var key = $"{service.Name}_external{(path is null ? string.Empty : $"_{path}")}_{healthy.ToString(CultureInfo.InvariantCulture)}_check";
        builder.ApplicationBuilder.Services.AddHealthProbeClient().AddHealthChecks().Add(new HealthCheckRegistration(
            key,
            services => new HttpHealthCheck(services.GetRequiredService<IHttpClientFactory>(), AddressAsync, healthy),
            failureStatus: null,
            tags: null));
        return builder.WithHealthCheck(key);

        async ValueTask<Uri?> AddressAsync(CancellationToken cancellationToken)
        {
            var uri = await service.ReadUriAsync(cancellationToken).ConfigureAwait(false);
            return path is null ? uri : new Uri(uri, path);
        }
    }

    private static IResourceBuilder<ExternalServiceResource> Add(this IDistributedApplicationBuilder builder, ExternalServiceResource service) =>
        builder.AddResource(service)
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "ExternalService",
                State = KnownResourceStates.Waiting,
                Properties = [],
            })
            .ExcludeFromManifest();
}
