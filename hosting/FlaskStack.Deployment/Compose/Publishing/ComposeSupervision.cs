using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Runtime;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>Tells Docker what the supervisor is told here, as far as Docker knows the like.</summary>
internal static class ComposeSupervision
{
    private const long MiB = 1024 * 1024;

    /// <summary>The options of a supervised resource; null for one that is not.</summary>
    public static SupervisorOptions? OptionsOf(IResource resource) => resource.Annotations.OfType<SupervisorAnnotation>().LastOrDefault()?.Options;

    public static void Apply(IResource resource, Service service)
    {
        if (OptionsOf(resource) is not { } options)
        {
            return;
        }

        service.Restart = RestartOf(options.Autorestart, isServer: resource.Annotations.OfType<EndpointAnnotation>().Any());
        service.StopSignal = options.StopSignal;
        service.StopGracePeriod = ComposeHealth.Seconds(options.StopWaitSeconds);
        if (options.MemoryLimit is { } memory)
        {
            service.Deploy ??= new Deploy();
            service.Deploy.Resources = new() { Limits = new() { Memory = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, memory / MiB)}M") } };
        }
    }

    /// <summary>A server never ends by itself, and must be back after the machine was started anew, which <c>on-failure</c> is not.</summary>
    private static string RestartOf(SupervisorAutorestart autorestart, bool isServer) => autorestart switch
    {
        SupervisorAutorestart.Never => "no",
        SupervisorAutorestart.Unexpected when !isServer => "on-failure",
        _ => "unless-stopped",
    };
}
