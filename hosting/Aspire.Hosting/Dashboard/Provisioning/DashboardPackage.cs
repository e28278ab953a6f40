using System.Reflection;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Dashboard.Provisioning;

/// <summary>The npm package of the Aspire CLI, which carries the dashboard.</summary>
/// <param name="RuntimeIdentifier">The kind of machine, in .NET's words.</param>
/// <param name="Version">The version, which is that of Aspire named in <c>Directory.Build.props</c>.</param>
internal sealed record DashboardPackage(string RuntimeIdentifier, string Version)
{
    private const string VersionKey = "aspireversion";
    private const string Scope = "@microsoft";

    /// <summary>What Aspire's own launcher for npm knows.</summary>
    private static readonly string[] Published = ["linux-x64", "linux-arm64", "linux-musl-x64", "osx-x64", "osx-arm64", "win-x64", "win-arm64"];

    /// <summary>The package for this machine.</summary>
    public static DashboardPackage Current { get; } = new(
        DescribeMachine(),
        typeof(DashboardPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == VersionKey).Value!);

    /// <summary>The name.</summary>
    public string Name => $"{Scope}/aspire-cli-{RuntimeIdentifier}";

    /// <summary>Name and version, as npm takes them.</summary>
    public string Specifier => $"{Name}@{Version}";

    /// <summary>Whether there is such a package.</summary>
    public bool IsPublished => Published.Contains(RuntimeIdentifier);

    /// <summary>The CLI's executable in a folder that the package was installed in.</summary>
    public string ExecutableIn(string folder) =>
        Path.Combine(folder, "node_modules", Scope, $"aspire-cli-{RuntimeIdentifier}", "bin", OperatingSystem.IsWindows() ? "aspire.exe" : "aspire");

    private static string DescribeMachine()
    {
        // A distribution's own .NET names the distribution, not the family; Alpine is the one of musl.
        var own = RuntimeInformation.RuntimeIdentifier;
        var system =
            OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : own.Contains("musl", StringComparison.Ordinal) || own.StartsWith("alpine", StringComparison.Ordinal) ? "linux-musl"
            : OperatingSystem.IsLinux() ? "linux"
            : own;
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }
}
