using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Health;
using Aspire.Hosting.Orchestration.Instances;
using Aspire.Hosting.Orchestration.Processes;
using Aspire.Hosting.Orchestration.Projects;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Registers what runs an application model on this machine.</summary>
internal static class OrchestratorServices
{
    public static void AddOrchestrator(this IServiceCollection services, AppHostIdentity appHost)
    {
        services.AddSingleton(appHost);
        services.AddSingleton<AppHostStateFolder>();

        services.AddSingleton<RunIdentity>();
        services.AddSingleton<ProcessGuard>();
        services.AddSingleton(s => new LeftoverRegistry(
            s.GetRequiredService<RunIdentity>(), s.GetRequiredService<AppHostStateFolder>().Path, s.GetRequiredService<ILogger<LeftoverRegistry>>()));
        services.AddSingleton(s => new ChildScheduling(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton<ProcessLauncher>();
        services.AddSingleton<PortAllocator>(_ => new PortAllocator());
        services.AddSingleton(s => CreateRunFolder(s.GetRequiredService<RunIdentity>()));

        services.AddSingleton<EndpointAllocator>();
        services.AddSingleton<HttpHealthProber>();
        services.AddSingleton<SharedHealthMonitor>();
        services.AddSingleton<ProjectBuilder>();
        services.AddSingleton<NativeBuilder>();
        services.AddSingleton<ProjectCommands>();
        services.AddSingleton<InstanceEnvironment>();
        services.AddSingleton<InstanceLauncher>();
        services.AddSingleton<InstanceServices>();
        services.AddSingleton<ConsoleLogFiles>();
        services.AddSingleton<ResourceReporter>();
        services.AddSingleton<ProcessResourceFactory>();
        services.AddSingleton<StaticResources>();
        services.AddSingleton<ShutdownBudget>();
        services.AddOptions<HostOptions>().Configure<ShutdownBudget>(static (host, budget) => host.ShutdownTimeout = budget.AtLeast(host.ShutdownTimeout));
        services.AddSingleton<RunPreparation>();
        services.AddHostedService<ApplicationOrchestrator>();
    }

    /// <exception cref="DistributedApplicationException">There is no folder for sockets; nothing can run without one.</exception>
    private static RunFolder CreateRunFolder(RunIdentity identity)
    {
        try
        {
            return RunFolder.Create(identity);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException(e.Message, e);
        }
    }
}
