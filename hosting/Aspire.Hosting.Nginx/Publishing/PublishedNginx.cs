using System.Globalization;
using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Runtime;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Nginx.Publishing;

/// <summary>Puts a container in the place of nginx while publishing, and prepares what its image is built from.</summary>
internal static class PublishedNginx
{
    private const string IntermediateFolderKey = "apphostprojectbaseintermediateoutputpath";
    private const string IntermediateFolder = "obj";

    public static IResourceBuilder<NginxResource> Publish(IResourceBuilder<NginxResource> nginx, NginxAnnotation options, string dockerfile)
    {
        var application = nginx.ApplicationBuilder;
        var folder = Path.Join(IntermediateFolderOf(application), "publish", nginx.Resource.Name);
        application.Eventing.Subscribe<BeforePublishEvent>((_, _) =>
        {
            BuildContext.Write(folder, dockerfile, nginx.Resource);
            return Task.CompletedTask;
        });

        return nginx
            .PublishAsDockerFile(container => container.WithDockerfile(folder))
            .WithEnvironment(context => AddVariables(context, options, hasIngress: !application.Resources.OfType<IComputeEnvironmentResource>().Any()));
    }

    /// <summary>Container Apps, for which azd reads the manifest, let nothing but their ingress reach nginx.</summary>
    private static void AddVariables(EnvironmentCallbackContext context, NginxAnnotation options, bool hasIngress)
    {
        foreach (var source in options.Sources)
        {
            var endpoint = new EndpointReference(source.Resource, source.ResolveEndpoint());
            context.EnvironmentVariables[NginxVariables.AddressOf(source.Name)] = endpoint.Property(EndpointProperty.HostAndPort);
            context.EnvironmentVariables[NginxVariables.HostOf(source.Name)] = endpoint.Property(EndpointProperty.Host);
        }

        if (hasIngress)
        {
            context.EnvironmentVariables[NginxVariables.TrustedProxy] = NginxVariables.Everybody;
        }
    }

    private static string IntermediateFolderOf(IDistributedApplicationBuilder application)
    {
        var written = application.AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(static metadata => metadata.Key == IntermediateFolderKey)?.Value;
        return Path.GetFullPath(written is { Length: > 0 } ? written : IntermediateFolder, application.AppHostDirectory);
    }
}

/// <summary>
/// What a published nginx learns of its surroundings when its container starts: the entry point of nginx's image writes these
/// environment variables into the template (<c>envsubst</c>).
/// </summary>
internal static class NginxVariables
{
    /// <summary>Addresses of name servers; the entry point of the image sets it from <c>/etc/resolv.conf</c>.</summary>
    public const string Resolvers = "NGINX_LOCAL_RESOLVERS";

    /// <summary><c>resolve</c> to follow changes of the addresses behind a name, or empty to look them up once.</summary>
    public const string Resolve = "NGINX_RESOLVE";

    /// <summary>Addresses, as CIDR, whose word counts on who a client is; an ingress in front of nginx.</summary>
    public const string TrustedProxy = "NGINX_TRUSTED_PROXY";

    /// <summary>Every address: for where nothing but an ingress reaches nginx.</summary>
    public const string Everybody = "0.0.0.0/0";

    /// <summary>Host and port of an upstream.</summary>
    public static string AddressOf(string upstream) => $"NGINX_UPSTREAM_{Suffix(upstream)}";

    /// <summary>The host name that an upstream is asked for: an ingress before it finds it by that name.</summary>
    public static string HostOf(string upstream) => $"NGINX_HOST_{Suffix(upstream)}";

    /// <summary>How a template names a variable.</summary>
    public static string Placeholder(string variable) => $"${{{variable}}}";

    private static string Suffix(string upstream) =>
        string.Concat(upstream.Select(static character => char.IsAsciiLetterOrDigit(character) ? char.ToUpper(character, CultureInfo.InvariantCulture) : '_'));
}
