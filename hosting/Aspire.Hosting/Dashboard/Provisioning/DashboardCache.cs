namespace Aspire.Hosting.Dashboard.Provisioning;

/// <summary>The per-user folder in which fetched dashboards stay: one folder for each version and kind of machine.</summary>
/// <param name="folder">Its absolute path.</param>
internal sealed class DashboardCache(string folder)
{
    private const string WorkPrefix = "fetching-";

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>Held by the AppHost that fetches.</summary>
    public string LockFile => Path.Combine(folder, "lock");

    /// <summary>Where a package's dashboard lies; the folder appears only once it is complete.</summary>
    public string EntryOf(DashboardPackage package) => Path.Combine(folder, $"{package.Version}-{package.RuntimeIdentifier}");

    /// <summary>The executable of a package's dashboard.</summary>
    public string ExecutableOf(DashboardPackage package) => Path.Combine(EntryOf(package), DashboardProgram.ManagedName);

    /// <summary>A new folder to fetch into, beside the entries so that it can become one by a rename.</summary>
    public string CreateWorkFolder() => Directory.CreateDirectory(Path.Combine(folder, WorkPrefix + Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>Removes what AppHosts left that were killed while they fetched. Only for the holder of the lock.</summary>
    public void RemoveAbandonedWork()
    {
        foreach (var work in Directory.EnumerateDirectories(folder, WorkPrefix + "*"))
        {
            Directory.Delete(work, recursive: true);
        }
    }
}
