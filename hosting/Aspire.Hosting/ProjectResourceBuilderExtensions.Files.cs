using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Http;

namespace Aspire.Hosting;

// What AddProject takes from the project's own files: launch profile and Kestrel settings.
public static partial class ProjectResourceBuilderExtensions
{
    private static IResourceBuilder<ProjectResource> WithProjectFiles(this IResourceBuilder<ProjectResource> builder, IProjectMetadata metadata, ProjectResourceOptions options)
    {
        var profile = builder.ChooseLaunchProfile(metadata, options);
        var kestrel = KestrelSettings.Read(builder.Resource.Name, metadata.ProjectPath, builder.ApplicationBuilder.Environment.EnvironmentName);
        var hasKestrelEndpoints = !options.ExcludeKestrelEndpoints && kestrel.Endpoints.Count > 0;

        if (hasKestrelEndpoints)
        {
            builder.WithKestrelEndpoints(kestrel);
        }

        if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return builder.WithPublishedEndpoints(kestrel, isWeb: hasKestrelEndpoints || profile?.Profile.ApplicationUrl is not null, hasKestrelEndpoints);
        }

        return profile is null ? builder : builder.WithLaunchProfile(profile, kestrel, takeEndpoints: !hasKestrelEndpoints);
    }

    private static EffectiveLaunchProfileAnnotation? ChooseLaunchProfile(this IResourceBuilder<ProjectResource> builder, IProjectMetadata metadata, ProjectResourceOptions options)
    {
        if (options.ExcludeLaunchProfile)
        {
            builder.WithAnnotation(new ExcludeLaunchProfileAnnotation());
            return null;
        }

        var configuration = builder.ApplicationBuilder.Configuration;
        if (!string.IsNullOrEmpty(options.LaunchProfileName))
        {
            builder.WithAnnotation(new LaunchProfileAnnotation(options.LaunchProfileName));
        }
        else if ((configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"]) is { Length: > 0 } usual)
        {
            builder.WithAnnotation(new DefaultLaunchProfileAnnotation(usual));
        }

        var settings = metadata.LaunchSettings ?? LaunchSettingsFile.Read(builder.Resource.Name, metadata.ProjectPath);
        var profile = LaunchProfileSelection.Choose(builder.Resource, settings);
        if (profile is not null)
        {
            builder.WithAnnotation(profile);
        }

        return profile;
    }

    private static IResourceBuilder<ProjectResource> WithLaunchProfile(this IResourceBuilder<ProjectResource> builder, EffectiveLaunchProfileAnnotation effective, KestrelSettings kestrel, bool takeEndpoints)
    {
        var profile = effective.Profile;
        if (takeEndpoints)
        {
            builder.WithApplicationUrls(profile, kestrel);
        }

        if (CommandLineText.Split(profile.CommandLineArgs) is { Length: > 0 } arguments)
        {
            builder.WithArgs(arguments);
        }

        return builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", effective.Name);
            foreach (var (name, value) in profile.EnvironmentVariables)
            {
                context.EnvironmentVariables.TryAdd(name, Environment.ExpandEnvironmentVariables(value));
            }
        });
    }

    private static void WithApplicationUrls(this IResourceBuilder<ProjectResource> builder, LaunchProfile profile, KestrelSettings kestrel)
    {
        var count = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var url in profile.ApplicationUrl?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            var address = ParseUrl(builder.Resource, url);
            var ordinal = count[address.Scheme] = count.GetValueOrDefault(address.Scheme) + 1;
            builder.WithEndpoint(ordinal == 1 ? address.Scheme : $"{address.Scheme}{ordinal}", endpoint =>
            {
                endpoint.Port = address.Port;
                endpoint.FromLaunchProfile = true;
                Apply(endpoint, address, kestrel, protocols: null);
            });
        }

        if (!string.IsNullOrEmpty(profile.LaunchUrl))
        {
            builder.WithUrls(context => ShowLaunchUrl(context, profile.LaunchUrl));
        }
    }

    private static void ShowLaunchUrl(ResourceUrlsCallbackContext context, string launchUrl)
    {
        foreach (var url in context.Urls.Where(static url => url.Endpoint is { Exists: true, EndpointAnnotation.FromLaunchProfile: true }))
        {
            url.Url = ResourceUrls.IsRelative(launchUrl) ? ResourceUrls.Combine(url.Url, launchUrl) : launchUrl;
        }
    }

    private static void WithKestrelEndpoints(this IResourceBuilder<ProjectResource> builder, KestrelSettings kestrel)
    {
        var annotation = new KestrelEndpointsAnnotation();
        builder.WithAnnotation(annotation);

        foreach (var sameScheme in kestrel.Endpoints.GroupBy(static endpoint => endpoint.Address.Scheme))
        {
            var single = sameScheme.Count() == 1;
            foreach (var (key, address, protocols) in sameScheme)
            {
                builder.WithEndpoint(single ? sameScheme.Key : key, endpoint =>
                {
                    // A deployment chooses the public port; here replicas forbid a fixed target port.
                    if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
                    {
                        endpoint.TargetPort = address.Port;
                    }
                    else
                    {
                        endpoint.Port = address.Port;
                    }

                    Apply(endpoint, address, kestrel, protocols);
                    annotation.Keys[endpoint] = key;
                });
            }
        }

        builder.WithEnvironment(context => OverrideKestrelUrls(builder.Resource, annotation, context));
    }

    // Kestrel's own section beats ASPNETCORE_URLS, so every endpoint of the project has to be in that section.
    private static void OverrideKestrelUrls(ProjectResource project, KestrelEndpointsAnnotation kestrel, EnvironmentCallbackContext context)
    {
        foreach (var reference in project.GetEndpoints().Where(static reference => reference.EndpointAnnotation.IsHttpScheme && !reference.EndpointAnnotation.IsDefaultHttps))
        {
            var endpoint = reference.EndpointAnnotation;
            var known = kestrel.Keys.TryGetValue(endpoint, out var key);
            var host = known && context.ExecutionContext.IsRunMode ? endpoint.TargetHost : "*";
            context.EnvironmentVariables[$"Kestrel__Endpoints__{key ?? endpoint.Name}__Url"] =
                ReferenceExpression.Create($"{endpoint.UriScheme}://{host}:{reference.Property(EndpointProperty.TargetPort)}");
        }
    }

    private static IResourceBuilder<ProjectResource> WithPublishedEndpoints(this IResourceBuilder<ProjectResource> builder, KestrelSettings kestrel, bool isWeb, bool hasKestrelEndpoints)
    {
        builder.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
        builder.WithEnvironment(context =>
        {
            if (builder.Resource.GetEndpoints().Any() && !builder.Resource.HasAnnotationOfType<DisableForwardedHeadersAnnotation>())
            {
                context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
            }
        });

        if (!hasKestrelEndpoints)
        {
            builder.WithEnvironment(context =>
            {
                SetPorts(builder.Resource, context, "HTTP_PORTS", "http");
                SetPorts(builder.Resource, context, "HTTPS_PORTS", "https");
            });
        }

        if (isWeb)
        {
            builder.WithDefaultWebEndpoints(kestrel);
        }

        return builder;
    }

    private static void WithDefaultWebEndpoints(this IResourceBuilder<ProjectResource> builder, KestrelSettings kestrel)
    {
        var http = DefaultEndpoint("http");
        var https = DefaultEndpoint("https");
        http.TargetPort = https.TargetPort = http.TargetPort ?? https.TargetPort;

        EndpointAnnotation DefaultEndpoint(string scheme)
        {
            var existing = builder.Resource.Annotations.OfType<EndpointAnnotation>()
                .FirstOrDefault(endpoint => string.Equals(endpoint.UriScheme, scheme, StringComparison.OrdinalIgnoreCase) || string.Equals(endpoint.Name, scheme, StringComparison.OrdinalIgnoreCase));
            if (existing is not null)
            {
                return existing;
            }

            builder.WithEndpoint(scheme, endpoint =>
            {
                endpoint.UriScheme = scheme;
                endpoint.Transport = kestrel.IsHttp2(protocols: null) ? "http2" : endpoint.Transport;
                endpoint.IsDefaultHttps = scheme == "https";
            });
            return builder.Resource.FindEndpoint(scheme)!;
        }
    }

    private static void SetPorts(ProjectResource project, EnvironmentCallbackContext context, string variable, string scheme)
    {
        if (context.EnvironmentVariables.ContainsKey(variable))
        {
            return;
        }

        var ports = new ReferenceExpressionBuilder();
        foreach (var endpoint in project.GetEndpoints().Where(endpoint => endpoint.Scheme == scheme && !endpoint.EndpointAnnotation.IsDefaultHttps))
        {
            ports.AppendLiteral(ports.IsEmpty ? string.Empty : ";");
            ports.AppendFormatted(endpoint.Property(EndpointProperty.TargetPort));
        }

        if (!ports.IsEmpty)
        {
            context.EnvironmentVariables[variable] = ports.Build();
        }
    }

    private static void Apply(EndpointAnnotation endpoint, BindingAddress address, KestrelSettings kestrel, string? protocols)
    {
        endpoint.UriScheme = address.Scheme;
        endpoint.TargetHost = address.Host;
        endpoint.Transport = kestrel.IsHttp2(protocols) ? "http2" : endpoint.Transport;
    }

    private static BindingAddress ParseUrl(ProjectResource project, string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException exception)
        {
            throw new DistributedApplicationException($"Project '{project.Name}': '{url}' in applicationUrl of its launch profile is no URL: {exception.Message}", exception);
        }
    }
}
