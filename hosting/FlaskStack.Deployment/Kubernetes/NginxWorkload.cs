using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>nginx in a cluster: nginx's own image as it is, and a ConfigMap with the configuration that the AppHost's nginx has.</summary>
internal static class NginxWorkload
{
    /// <summary>One more takes over when a node goes.</summary>
    private const int Pods = 2;

    /// <summary>As many as the processors of the node would be too many for a pod.</summary>
    private const int Workers = 2;

    private const long DefaultMemory = 256L * 1024 * 1024;

    /// <summary>What a ConfigMap can hold.</summary>
    private const int LargestConfiguration = 1_000_000;

    /// <summary>What the client asked for, as nginx knows it: the Service does not look at it.</summary>
    private const string HostOfClient = "$host$host_port";

    /// <param name="workload">What is known of it.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="supervision">How it is kept alive.</param>
    /// <param name="target">Knows at which address a Service is reached.</param>
    /// <exception cref="DistributedApplicationException">The files are too many for a ConfigMap.</exception>
    public static Workload Complete(Workload workload, IResource resource, SupervisorOptions supervision, KubernetesTarget target)
    {
        var nginx = PublishedNginx.Of(resource);
        Check(workload, nginx, target);
        return workload with
        {
            Image = PublishedNginx.ContainerImage,
            Replicas = Math.Max(workload.Replicas, Pods),
            MaxReplicas = Math.Max(workload.MaxReplicas, Pods),
            Command = null,
            Arguments =
            [
                .. new[] { "nginx", "-c", $"{PublishedNginx.ContainerWritableFolder}/nginx.conf", "-g", "daemon off;" }
                    .Select(PublishedValue.Of),
            ],
            Variables = [.. Variables(nginx, workload.IsRouted, target).OrderBy(static variable => variable.Name, StringComparer.Ordinal)],
            Probes = new WorkloadProbes(
                PublishedNginx.ContainerPort,
                PublishedNginx.HealthPath,
                PublishedNginx.HealthPath,
                supervision.HealthyTimeout,
                supervision.Watchdog.Enabled ? supervision.Watchdog.Timeout : null),
            MemoryLimit = supervision.MemoryLimit ?? DefaultMemory,
            StopTime = StopTime(nginx, workload.StopTime),
            Files = Files(nginx, workload.StopTime),
            ReachesOthers = nginx.HasExternalServices,
            FilesFolder = PublishedNginx.ContainerFolder,
        };
    }

    /// <summary>
    /// In a cluster TLS ends in the Ingress or Gateway, which knows the controllers that renew certificates, and which can ask for
    /// passwords.
    /// </summary>
    private static void Check(Workload workload, PublishedNginx nginx, KubernetesTarget target)
    {
        nginx.RefuseAcmeChallenge(
            $"'{target.Name}'", "leave it out, and have a controller such as cert-manager renew the certificate of the Ingress.");
        nginx.RefuseFilesOfImages($"'{target.Name}', where nginx's own image runs,");
        nginx.RefuseMemberSelection("Kubernetes", "leave it out there, and let the ingress controller do it.");
        if (nginx.HasBasicAuth)
        {
            throw new DistributedApplicationException(
                $"WithBasicAuth: nginx '{nginx.Name}' has no password in '{target.Name}': leave it out, and have the Ingress ask for one.");
        }

        var option = nginx.Tls is not null ? "WithTls" : nginx.RedirectsToHttps ? "WithHttpsRedirect" : null;
        if (option is not null && !target.Routes.Any(route => route.Workload == workload.Name && route.EndsTls))
        {
            throw new DistributedApplicationException(
                $"{option}: TLS ends in front of nginx '{nginx.Name}' in '{target.Name}': "
                + "add RouteFromIngress(endpoint, host, tlsSecret: …), or RouteFromGateway(endpoint, gateway, endsTls: true).");
        }
    }

    /// <summary>The time to end, which is never too short for the time that the AppHost gives the requests of nginx's workers.</summary>
    private static TimeSpan StopTime(PublishedNginx nginx, TimeSpan given) =>
        nginx.ShutdownTimeout + PublishedNginx.ShutdownMargin is { } needed && needed > given ? needed : given;

    private static ImmutableArray<WorkloadFile> Files(PublishedNginx nginx, TimeSpan stopTime)
    {
        var margin = PublishedNginx.ShutdownMargin;
        var files = nginx.RenderContainer(new()
        {
            // A cluster may have addresses of one kind or of both.
            Addresses = ["*", "[::]"],
            ShutdownTimeout = stopTime > 2 * margin ? stopTime - margin : margin,
            WorkerProcesses = Workers,
            HidesMembers = true,
        });
        return files.Sum(static file => file.Content.Length) <= LargestConfiguration
            ? [.. files.Select(static file => new WorkloadFile(file.Path, file.Content))]
            : throw new DistributedApplicationException(
                $"The files of nginx '{nginx.Name}' are larger than the 1 MB that a ConfigMap holds: "
                + "serve static files from an image of their own.");
    }

    /// <summary>What the entry point of the image writes into the configuration.</summary>
    private static IEnumerable<Variable> Variables(PublishedNginx nginx, bool isRouted, KubernetesTarget target)
    {
        yield return Of("NGINX_ENVSUBST_OUTPUT_DIR", PublishedNginx.ContainerWritableFolder);
        yield return Of("NGINX_ENVSUBST_FILTER", "^NGINX_");
        yield return Of("NGINX_ENTRYPOINT_LOCAL_RESOLVERS", "1");
        // The address of a Service stays, and its short name is one that nginx itself cannot look up.
        yield return Of(PublishedNginxVariables.Resolve, string.Empty);
        yield return Of(PublishedNginxVariables.TrustedProxy, isRouted ? PublishedNginxVariables.Everybody : "127.0.0.1");
        foreach (var upstream in nginx.Upstreams)
        {
            yield return Of(upstream.AddressVariable, target.TextOf(upstream.Endpoint.Property(EndpointProperty.HostAndPort)));
        }

        foreach (var variable in nginx.Upstreams.Select(static upstream => upstream.HostVariable).Distinct())
        {
            yield return Of(variable, HostOfClient);
        }
    }

    private static Variable Of(string name, string value) => new(name, PublishedValue.Of(value));
}
