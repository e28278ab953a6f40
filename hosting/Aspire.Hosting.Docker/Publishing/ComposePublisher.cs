using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker.Resources;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>Writes the Compose file of an environment, what its images are built from, and a file for its secrets.</summary>
internal static class ComposePublisher
{
    public const string FileName = "docker-compose.yaml";

    private const string DefaultNetwork = "aspire";
    private const string AppHostSuffix = ".AppHost";

    public static async Task PublishAsync(DockerComposeEnvironmentResource environment, PipelineStepContext context)
    {
        var output = OutputFolder(environment, context);
        Directory.CreateDirectory(output);
        var secrets = new SecretsFile();
        var file = await ComposeAsync(environment, context, output, secrets).ConfigureAwait(false);
        environment.ConfigureComposeFile?.Invoke(file);

        await File.WriteAllTextAsync(Path.Join(output, FileName), file.ToYaml(), context.CancellationToken).ConfigureAwait(false);
        if (!secrets.IsEmpty)
        {
            await WriteSecretsAsync(Path.Join(output, SecretsFile.Name), secrets, context.CancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<ComposeFile> ComposeAsync(DockerComposeEnvironmentResource environment, PipelineStepContext context, string output, SecretsFile secrets)
    {
        var resources = ResourcesOf(environment, context.Model);
        var endpoints = new ComposeEndpoints(resources);
        var values = new ComposeValues(endpoints, secrets, context.CancellationToken);
        var name = ApplicationName(context.Services.GetRequiredService<IHostEnvironment>());
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

    /// <summary>As in Aspire: several environments write into a folder each.</summary>
    private static string OutputFolder(DockerComposeEnvironmentResource environment, PipelineStepContext context)
    {
        var output = context.Services.GetRequiredService<IPipelineOutputService>();
        return context.Model.Resources.OfType<IComputeEnvironmentResource>().Skip(1).Any() ? output.GetOutputDirectory(environment) : output.GetOutputDirectory();
    }

    /// <summary>Compose allows small letters, digits, dashes and underscores.</summary>
    private static string ApplicationName(IHostEnvironment host)
    {
        var name = host.ApplicationName.EndsWith(AppHostSuffix, StringComparison.OrdinalIgnoreCase) ? host.ApplicationName[..^AppHostSuffix.Length] : host.ApplicationName;
        var allowed = string.Concat(name.ToLowerInvariant().Select(static character => char.IsAsciiLetterOrDigit(character) ? character : '-')).Trim('-');
        return allowed.Length > 0 ? allowed : "application";
    }

    private static async Task WriteSecretsAsync(string path, SecretsFile secrets, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var stream = new FileStream(path, options);
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(secrets.Text()), cancellationToken).ConfigureAwait(false);
        }
    }
}
