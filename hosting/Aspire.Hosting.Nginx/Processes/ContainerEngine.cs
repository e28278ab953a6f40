// Aspire's choice of an engine is experimental.
#pragma warning disable ASPIRECONTAINERRUNTIME001

using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Provisioning;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>The container engine that Aspire uses, by its command.</summary>
/// <param name="Command">The name of its command: <c>docker</c> or <c>podman</c>.</param>
/// <param name="Problem">Why no container can be run, in one line, or null.</param>
[UnsupportedOSPlatform("windows")]
internal sealed record ContainerEngine(string Command, string? Problem)
{
    private const string Remedy =
        $"start Docker or Podman, or leave out RunAsContainer and {NginxModes.Key}, and install nginx.";

    public bool IsDocker => Command == "docker";

    public static async Task<ContainerEngine> FindAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            var resolver = services.GetRequiredService<IContainerRuntimeResolver>();
            var runtime = await resolver.ResolveAsync(cancellationToken).ConfigureAwait(false);
            var isRunning = await runtime.CheckIfRunningAsync(cancellationToken).ConfigureAwait(false);
            return new(
                runtime.Name.ToLowerInvariant(),
                isRunning ? null : $"{runtime.Name} does not answer, and nginx is to run in a container; {Remedy}");
        }
        catch (Exception exception) when (exception is InvalidOperationException or DistributedApplicationException)
        {
            return new("docker", $"There is no container engine, and nginx is to run in a container; {Remedy}");
        }
    }

    /// <exception cref="DistributedApplicationException">The command could not be started.</exception>
    public Task<ToolResult> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        Tool.RunAsync(Command, arguments, cancellationToken: cancellationToken);
}
