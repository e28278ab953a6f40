using Aspire.Hosting.Dashboard.Settings;

namespace Aspire.Hosting.Dashboard.Provisioning;

/// <summary>
/// Finds a dashboard without running or fetching anything: where the user says, where the CLI that started this AppHost keeps its own,
/// where an installed CLI does, in our cache.
/// </summary>
/// <param name="settings">What the user and the CLI said.</param>
/// <param name="baseFolder">Where relative paths start: the AppHost's folder.</param>
/// <param name="home">The user's home folder; empty when there is none.</param>
/// <param name="cache">What was fetched before; null when there is no folder for it.</param>
/// <param name="package">What would be fetched.</param>
internal sealed class DashboardLocator(DashboardSettings settings, string baseFolder, string home, DashboardCache? cache, DashboardPackage package)
{
    private const string ManagedFolder = "managed";

    public DashboardSearch Find()
    {
        if (settings.Path is { } given)
        {
            var path = Path.GetFullPath(given.Path, baseFolder);
            return ProblemWith(path) is { } problem
                ? new(Problem: $"There is no dashboard: {given.Key} is '{given.Path}', which {problem}. Give the path of aspire-managed or Aspire.Dashboard, or leave it out.")
                : new(DashboardProgram.For(path));
        }

        return new(Candidates().FirstOrDefault(path => ProblemWith(path) is null) is { } found ? DashboardProgram.For(found) : null);
    }

    private IEnumerable<string> Candidates()
    {
        if (settings.CliBundlePath is { } bundle)
        {
            yield return ManagedIn(Path.GetFullPath(bundle, baseFolder));
        }

        if (settings.CliExecutable is { } executable)
        {
            yield return Path.GetFullPath(executable, baseFolder);
        }

        if (home.Length > 0)
        {
            var aspire = Path.Combine(home, ".aspire");
            yield return ManagedIn(Path.Combine(aspire, "bundle"));

            foreach (var version in VersionsIn(Path.Combine(aspire, "versions")))
            {
                yield return ManagedIn(version);
            }
        }

        if (cache is not null)
        {
            yield return cache.ExecutableOf(package);
        }
    }

    private static string ManagedIn(string bundle) => Path.Combine(bundle, ManagedFolder, DashboardProgram.ManagedName);

    /// <summary>Newest first; the CLI names a version's folder <c>13.5.4_{commit}-{hash}</c>.</summary>
    private static IEnumerable<string> VersionsIn(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder)
                .OrderByDescending(path => Version.TryParse(Path.GetFileName(path).Split('_', '-')[0], out var version) ? version : new Version())
                .ThenByDescending(Directory.GetLastWriteTimeUtc)
            : [];

    private static string? ProblemWith(string path) =>
        Directory.Exists(path) ? "is a folder"
        : !File.Exists(path) ? "does not exist"
        : !path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) && !IsExecutable(path) ? "cannot be executed"
        : null;

    private static bool IsExecutable(string path) =>
        OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
