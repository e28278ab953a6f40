using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker.Resources;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing.Files;
using Aspire.Hosting.Publishing.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>Writes the Compose file of an environment, what its images are built from, and a file for its secrets.</summary>
internal static class ComposePublisher
{
    public const string FileName = "docker-compose.yaml";

    private const string DefaultNetwork = "aspire";

    public static async Task PublishAsync(DockerComposeEnvironmentResource environment, PipelineStepContext context)
    {
        var output = EnvironmentOutput.FolderOf(context, environment);
        var secrets = new SecretsFile();
        var file = await ComposeAsync(environment, context, output, secrets).ConfigureAwait(false);
        environment.ConfigureComposeFile?.Invoke(file);

        IEnumerable<PublishedFile> files =
        [
            PublishedFile.OfText(FileName, file.ToYaml()),
            .. secrets.IsEmpty ? Array.Empty<PublishedFile>() : [PublishedFile.OfText(SecretsFile.Name, secrets.Text(), PublishedFile.Private)],
        ];
        await PublishedFolder.WriteAsync(output, files, context.CancellationToken).ConfigureAwait(false);
    }

    private static async Task<ComposeFile> ComposeAsync(DockerComposeEnvironmentResource environment, PipelineStepContext context, string output, SecretsFile secrets)
    {
        var resources = ResourcesOf(environment, context.Model);
        var endpoints = new ComposeEndpoints(resources);
        var values = new ComposeValues(endpoints, secrets, context.CancellationToken);
        var name = ApplicationName.Of(context.Services.GetRequiredService<IHostEnvironment>().ApplicationName);
        var images = new ComposeImages(name, output, values);
        var services = new ComposeServices(environment, resources, endpoints, images, values, output, context.ExecutionContext, context.CancellationToken);

        var file = new ComposeFile { Name = name };
        file.AddNetwork(new Network { Name = environment.DefaultNetworkName ?? DefaultNetwork, Driver = "bridge" });
        foreach (var resource in resources)
        {
            file.AddService(await services.CreateAsync(resource, file).ConfigureAwait(false));
        }

        return file;
    }

    private static List<IResource> ResourcesOf(DockerComposeEnvironmentResource environment, DistributedApplicationModel model)
    {
        var resources = model.GetComputeResources().Where(resource => resource.GetComputeEnvironment() is not { } given || given == environment).ToList();
        if (environment is { DashboardEnabled: true, Dashboard: { } dashboard })
        {
            resources.Add(dashboard);
        }

        return resources;
    }
}
