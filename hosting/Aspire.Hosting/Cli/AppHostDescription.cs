using System.Globalization;
using Aspire.Hosting.Cli.Auxiliary.Messages;
using Aspire.Hosting.Dashboard.Provisioning;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Cli;

/// <summary>Which AppHost this is, as the CLI knows AppHosts.</summary>
internal sealed class AppHostDescription
{
    private readonly DateTimeOffset? _startedAt = LauncherProcess.StartOf(Environment.ProcessId);
    private readonly DateTimeOffset? _stableStartedAt;

    /// <param name="configuration">Where the AppHost's project is, and what the CLI said of itself.</param>
    /// <param name="run">This process.</param>
    public AppHostDescription(IConfiguration configuration, RunIdentity run)
    {
        Path = configuration["AppHost:FilePath"] is { Length: > 0 } file ? file : configuration["AppHost:Path"]!;
        Launcher = LauncherProcess.Read(configuration);
        _stableStartedAt = OperatingSystem.IsLinux() ? LauncherProcess.StableStart(run.OwnerStartTicks) : _startedAt;
    }

    /// <summary>The project file; for one that the build recorded none of, what stands for it.</summary>
    public string Path { get; }

    /// <summary>The CLI that started it; null when none did.</summary>
    public LauncherProcess? Launcher { get; }

    /// <summary>What every connection begins with.</summary>
    public AppHostInformation ToInformation() => new(
        Path, Environment.ProcessId, _startedAt, _stableStartedAt, Launcher?.Id, Launcher?.StartedAt, Launcher?.StableStartedAt, Launcher?.LogFile);

    /// <summary>What a list of AppHosts shows.</summary>
    public AppHostInfo ToInfo() => new(
        Environment.ProcessId.ToString(CultureInfo.InvariantCulture), DashboardPackage.Current.Version, Path, Launcher?.Id, _startedAt, Launcher?.LogFile);
}
