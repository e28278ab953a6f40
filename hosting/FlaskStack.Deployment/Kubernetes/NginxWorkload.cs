using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>nginx in a cluster: nginx's own image as it is, and a ConfigMap with the configuration that the AppHost's nginx has.</summary>
internal static class NginxWorkload
{
    private const string Image = "docker.io/library/nginx:1.28-alpine";

    /// <summary>One more takes over when a node goes.</summary>
    private const int Pods = 2;

    /// <summary>As many as the processors of the node would be too many for a pod.</summary>
    private const int Workers = 2;

    private const int FilesBesideConnections = 256;

    private const long DefaultMemory = 256L * 1024 * 1024;

    /// <summary>What a ConfigMap can hold.</summary>
    private const int LargestConfiguration = 1_000_000;

    /// <summary>What the client asked for, as nginx knows it: the Service does not look at it.</summary>
    private const string HostOfClient = "$host$host_port";

    /// <param name="workload">What is known of it.</param>
    /// <param name="nginx">The resource.</param>
    /// <param name="supervision">How it is kept alive.</param>
    /// <param name="target">Knows at which address a Service is reached.</param>
    /// <exception cref="DistributedApplicationException">The files are too many for a ConfigMap.</exception>
    public static Workload Complete(Workload workload, IResource nginx, SupervisorOptions supervision, KubernetesTarget target) =>
        workload with
        {
            Image = Image,
            Replicas = Math.Max(workload.Replicas, Pods),
            MaxReplicas = Math.Max(workload.MaxReplicas, Pods),
            Command = null,
            Arguments = [.. new[] { "nginx", "-c", $"{NginxImage.WritableFolder}/nginx.conf", "-g", "daemon off;" }.Select(PublishedValue.Of)],
            Variables = [.. Variables(nginx, workload.IsRouted, target).OrderBy(static variable => variable.Name, StringComparer.Ordinal)],
            Probes = new WorkloadProbes(
                NginxImage.Port,
                NginxConfiguration.HealthPath,
                NginxConfiguration.HealthPath,
                supervision.HealthyTimeout,
                supervision.Watchdog.Enabled ? supervision.Watchdog.Timeout : null),
            MemoryLimit = supervision.MemoryLimit ?? DefaultMemory,
            StopTime = StopTime(nginx, workload.StopTime),
            Files = Files(nginx, workload.StopTime),
            ReachesOthers = NginxPublication.HasExternals(nginx),
            FilesFolder = NginxImage.Folder,
        };

    /// <summary>The time to end, which is never too short for the time that the AppHost gives the requests of nginx's workers.</summary>
    private static TimeSpan StopTime(IResource nginx, TimeSpan given) =>
        NginxPublication.TimeoutsOf(nginx).Shutdown + NginxImage.ShutdownMargin is { } needed && needed > given ? needed : given;

    private static ImmutableArray<WorkloadFile> Files(IResource nginx, TimeSpan stopTime)
    {
        ImmutableArray<WorkloadFile> files = [.. NginxImage.FilesFor(nginx, configuration => ForPod(configuration, stopTime))
            .Select(static file => new WorkloadFile(file.Path, file.Content))];
        return files.Sum(static file => file.Content.Length) <= LargestConfiguration
            ? files
            : throw new DistributedApplicationException(
                $"The files of nginx '{nginx.Name}' are larger than the 1 MB that a ConfigMap holds: serve static files from an image of their own.");
    }

    private static NginxConfiguration ForPod(NginxConfiguration configuration, TimeSpan stopTime) => configuration with
    {
        // A cluster may have addresses of one kind or of both.
        Listen = new NginxListen(NginxImage.Port, ["*", "[::]"]),
        Timeouts = configuration.Timeouts with
        {
            Shutdown = configuration.Timeouts.Shutdown
                ?? (stopTime > 2 * NginxImage.ShutdownMargin ? stopTime - NginxImage.ShutdownMargin : NginxImage.ShutdownMargin),
        },
        HasHiddenMembers = true,
        Workers = configuration.Workers with { Processes = configuration.Workers.Processes ?? Workers },
        OpenFilesLimit = (configuration.Workers.Connections ?? WorkerSizing.DefaultConnections) + FilesBesideConnections,
    };

    /// <summary>What the entry point of the image writes into the configuration.</summary>
    private static IEnumerable<Variable> Variables(IResource nginx, bool isRouted, KubernetesTarget target)
    {
        yield return Of("NGINX_ENVSUBST_OUTPUT_DIR", NginxImage.WritableFolder);
        yield return Of("NGINX_ENVSUBST_FILTER", "^NGINX_");
        yield return Of("NGINX_ENTRYPOINT_LOCAL_RESOLVERS", "1");
        // The address of a Service stays, and its short name is one that nginx itself cannot look up.
        yield return Of(NginxVariables.Resolve, string.Empty);
        yield return Of(NginxVariables.TrustedProxy, isRouted ? NginxVariables.Everybody : "127.0.0.1");
        foreach (var source in NginxPublication.SourcesOf(nginx))
        {
            yield return Of(NginxVariables.AddressOf(source.Name), target.TextOf(
                new EndpointReference(source.Resource, source.ResolveEndpoint()).Property(EndpointProperty.HostAndPort)));
            yield return Of(NginxVariables.HostOf(source.Name), HostOfClient);
        }
    }

    private static Variable Of(string name, string value) => new(name, PublishedValue.Of(value));
}
