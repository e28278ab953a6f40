namespace Aspire.Hosting.Nginx.Provisioning;

/// <summary>The per-user folder in which a fetched nginx stays: one folder per version, and a link to the one in use.</summary>
/// <param name="folder">The absolute path of the folder.</param>
internal sealed class NginxCache(string folder)
{
    public string Folder => folder;

    public string LockFile => Path.Combine(folder, "lock");

    /// <summary>The link to the version in use: its path is known before the version is.</summary>
    public string CurrentLink => Path.Combine(folder, "current");

    public string Binary => BinaryIn(CurrentLink);

    public string LibraryFolder => LibrariesIn(CurrentLink);

    public bool HasBinary => File.Exists(Binary);

    public string FolderOf(string version) => Path.Combine(folder, version.Replace('/', '_').Replace(':', '_'));

    /// <summary><c>$XDG_CACHE_HOME</c>, or <c>~/.cache</c>, and in it <c>flaskstack/nginx</c>.</summary>
    public static NginxCache OfUser(Func<string, string?> environment)
    {
        var root = environment("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache)
            ? cache
            : Path.Combine(environment("HOME") is { Length: > 0 } home ? home : Path.GetTempPath(), ".cache");
        return new(Path.Combine(root, "flaskstack", "nginx"));
    }

    public static string BinaryIn(string versionFolder) => Path.Combine(versionFolder, "usr", "sbin", "nginx");

    public static string LibrariesIn(string versionFolder) => Path.Combine(versionFolder, "libraries");
}
