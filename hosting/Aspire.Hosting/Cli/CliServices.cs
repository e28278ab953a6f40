using System.Diagnostics;
using Aspire.Hosting.Cli.Auxiliary;
using Aspire.Hosting.Cli.Primary;
using Aspire.Hosting.Cli.Rpc;
using Aspire.Hosting.Cli.Sockets;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Cli;

/// <summary>Registers what serves the Aspire CLI.</summary>
internal static class CliServices
{
    /// <summary>The primary channel is for one CLI; more than it need not be there.</summary>
    private static readonly RpcLimits PrimaryLimits = new() { Connections = 4 };

    /// <summary>Whether a CLI started this AppHost and waits for it.</summary>
    public static bool HasCli(IConfiguration configuration) => configuration[CliKeys.BackchannelPath] is { Length: > 0 };

    /// <summary>Serves the CLI that started this AppHost, when there is one.</summary>
    public static void AddPrimaryChannel(this IServiceCollection services, IConfiguration configuration)
    {
        if (LauncherProcess.Read(configuration) is { } launcher)
        {
            services.AddSingleton(launcher);
            services.AddHostedService<LauncherWatch>();
        }

        if (configuration[CliKeys.BackchannelPath] is not { Length: > 0 } path)
        {
            return;
        }

        services.AddSingleton<AppHostLog>();
        services.AddSingleton<ILoggerProvider>(static provider => provider.GetRequiredService<AppHostLog>());
        services.AddSingleton<PrimaryMethods>();
        services.AddChannel(provider =>
        {
            // A file of a run that was killed.
            File.Delete(path);
            return CreateServer(provider, path, provider.GetRequiredService<PrimaryMethods>().Create, PrimaryLimits);
        });
    }

    /// <summary>Serves every CLI of this user, unless that is switched off.</summary>
    /// <exception cref="DistributedApplicationException">The setting is neither true nor false.</exception>
    public static void AddAuxiliaryChannel(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<DashboardAnswers>();
        if (!IsEnabled(configuration))
        {
            return;
        }

        services.AddSingleton<AppHostDescription>();
        services.AddSingleton<AuxiliaryMethods>();
        services.AddChannel(static provider =>
        {
            var folder = SocketFolder.Open(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
            var id = AppHostSocket.IdOf(RealPath.Of(provider.GetRequiredService<AppHostDescription>().Path));
            folder.RemoveLeftovers(id, IsAlive);
            return CreateServer(provider, folder.NewSocket(id, Environment.ProcessId), provider.GetRequiredService<AuxiliaryMethods>().Create, new RpcLimits());
        });
    }

    private static void AddChannel(this IServiceCollection services, Func<IServiceProvider, RpcServer> open) =>
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => new CliHost(() => open(provider), Logger(provider))));

    private static RpcServer CreateServer(IServiceProvider provider, string path, Func<IEnumerable<RpcMethod>> createMethods, RpcLimits limits) =>
        new(path, createMethods, CliJson.Default.Options, limits, provider.GetRequiredService<TimeProvider>(), Logger(provider));

    private static ILogger<DistributedApplication> Logger(IServiceProvider provider) => provider.GetRequiredService<ILogger<DistributedApplication>>();

    private static bool IsEnabled(IConfiguration configuration) => configuration[CliKeys.Enabled] switch
    {
        null or "" => true,
        var text when bool.TryParse(text, out var isEnabled) => isEnabled,
        var text => throw new DistributedApplicationException($"{CliKeys.Enabled} is '{text}': set it to true or false, or leave it out."),
    };

    private static bool IsAlive(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            return ProcessTable.Read(processId) is { IsAlive: true };
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
