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
