using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Rendering;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Publishing.Values;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>nginx in a cluster: an image as it is, and a ConfigMap with the configuration that the AppHost's nginx has.</summary>
internal static class NginxWorkload
{
    /// <summary>nginx's own image for accounts without rights.</summary>
    public const string Image = "docker.io/nginxinc/nginx-unprivileged:1.28";

    /// <summary>The kubelet asks from outside the pod, to which nginx does not tell its health elsewhere; no Service has this port.</summary>
    private const int ProbePort = 8081;

    /// <summary>One more takes over when a node goes.</summary>
    private const int Pods = 2;

    /// <summary>As many as the processors of the node would be too many for a pod.</summary>
    private const int Workers = 2;

    private const int FilesBesideConnections = 256;
    private const long DefaultMemory = 256L * 1024 * 1024;

    /// <summary>What a ConfigMap can hold.</summary>
    private const int LargestConfiguration = 1_000_000;

    /// <exception cref="DistributedApplicationException">A resource behind nginx cannot be reached, or the files are too many for a ConfigMap.</exception>
    public static Workload Complete(Workload workload, IResource nginx, SupervisorOptions supervision)
    {
        var paths = new NginxRunPaths(DeploymentRenderer.ConfigurationFolder)
        {
            ProcessIdFile = $"{DeploymentRenderer.TemporaryFolder}/nginx.pid",
            TemporaryFolder = DeploymentRenderer.TemporaryFolder,
        };
        var publication = NginxPublication.Read(nginx, paths);
        return workload with
        {
            Replicas = Math.Max(workload.Replicas, Pods),
            MaxReplicas = Math.Max(workload.MaxReplicas, Pods),
            Command = ["nginx"],
            Arguments = [.. new[] { "-e", "stderr", "-c", paths.ConfigurationFile }.Select(PublishedValue.Of)],
            Variables = [],
            Probes = new WorkloadProbes(ProbePort, NginxConfiguration.HealthPath, NginxConfiguration.HealthPath, supervision.HealthyTimeout, supervision.Watchdog.Enabled ? supervision.Watchdog.Timeout : null),
            MemoryLimit = supervision.MemoryLimit ?? DefaultMemory,
            Files = Files(nginx, publication),
        };
    }

    private static ImmutableArray<WorkloadFile> Files(IResource nginx, NginxPublication publication)
    {
        var probe = new NginxSnippet(NginxSnippetContext.Http, ProbeServer(), Folder: null);
        var connections = publication.Configuration.Workers.Connections ?? WorkerSizing.DefaultConnections;
        var configuration = publication.Configuration with
        {
            Listen = new NginxListen(EndpointPorts.UnprivilegedPort, ["*"]),
            Workers = publication.Configuration.Workers with { Processes = publication.Configuration.Workers.Processes ?? Workers, User = null, Group = null },
            OpenFilesLimit = connections + FilesBesideConnections,
            Snippets = publication.Configuration.Snippets.Add(probe),
        };
        var text = NginxConfigRenderer.Render(configuration, publication.Paths, [.. publication.Sources.Select(Upstream)]);
        ImmutableArray<WorkloadFile> files =
        [
            new("nginx.conf", "nginx.conf", Encoding.UTF8.GetBytes(text)),
            .. publication.Files.Select(static file => new WorkloadFile(Key(file.Path), file.Path, file.Content)),
            SnippetFile(configuration.Snippets.Length, probe),
        ];
        return files.Sum(static file => file.Content.Length) <= LargestConfiguration
            ? files
            : throw new DistributedApplicationException($"The files of nginx '{nginx.Name}' are larger than the 1 MB that a ConfigMap holds: serve static files from an image of their own.");
    }

    private static WorkloadFile SnippetFile(int number, NginxSnippet snippet)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"snippets/{number}.conf");
        return new WorkloadFile(Key(path), path, Encoding.UTF8.GetBytes(snippet.Text!));
    }

    /// <summary>Keys have no slashes.</summary>
    private static string Key(string path) => path.Replace('/', '-');

    /// <summary>The Service of a resource balances over its pods.</summary>
    private static NginxUpstream Upstream(Nginx.Runtime.UpstreamSource source)
    {
        var endpoint = source.ResolveEndpoint();
        return new NginxUpstream(
            source.Name,
            endpoint.UriScheme,
            [string.Create(CultureInfo.InvariantCulture, $"{source.Resource.Name.ToLowerInvariant()}:{EndpointPorts.ServicePort(endpoint)}")]);
    }

    private static string ProbeServer() => string.Create(CultureInfo.InvariantCulture, $$"""
        # The kubelet asks here
        server {
            listen *:{{ProbePort}};
            location = {{NginxConfiguration.HealthPath}} {
                default_type text/plain;
                return 200 "healthy\n";
            }
            location / {
                return 404;
            }
        }

        """);
}
