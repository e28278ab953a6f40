using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Nginx.Provisioning;

/// <summary>Finds nginx without running anything: where the AppHost says, on the PATH, in the usual places, in the cache.</summary>
/// <param name="cache">The cache of fetched ones.</param>
/// <param name="environment">Reads an environment variable.</param>
/// <param name="usualPlaces">The folders looked into after the PATH.</param>
internal sealed class NginxLocator(NginxCache cache, Func<string, string?> environment, IReadOnlyList<string> usualPlaces)
{
    private const string AptGet = "apt-get";

    public static readonly IReadOnlyList<string> UsualPlaces =
    [
        "/usr/sbin",
        "/usr/local/sbin",
        "/usr/local/nginx/sbin",
        "/usr/local/openresty/nginx/sbin",
        "/opt/homebrew/bin",
        "/opt/local/sbin",
        "/home/linuxbrew/.linuxbrew/bin",
        "/run/current-system/sw/bin",
    ];

    /// <summary>Looks on this machine, and in the cache of this user.</summary>
    public static NginxLocator OfMachine() =>
        new(NginxCache.OfUser(Environment.GetEnvironmentVariable), Environment.GetEnvironmentVariable, UsualPlaces);

    /// <param name="settings">The configuration, in which <c>Nginx:Path</c> goes before everything.</param>
    /// <param name="givenInCode">The absolute path given with <c>WithNginxPath</c>, or null.</param>
    /// <param name="baseFolder">The folder that a relative path in the configuration is relative to.</param>
    public NginxLocation Locate(IConfiguration settings, string? givenInCode, string baseFolder) =>
        settings["Nginx:Path"] is { Length: > 0 } path
            ? Locate(Path.GetFullPath(path, baseFolder), "Nginx:Path")
            : Locate(givenInCode, "WithNginxPath");

    /// <param name="configured">The path from the configuration or from code, made absolute, or null.</param>
    /// <param name="source">What <paramref name="configured"/> was set with, for the message.</param>
    public NginxLocation Locate(string? configured, string source)
    {
        if (configured is not null)
        {
            var error = ProblemWith(configured) is { } problem
                ? $"{source} is {configured}, which {problem}; give the path of an nginx binary."
                : null;
            return new(configured, Error: error);
        }

        if (PathFolders().Concat(usualPlaces).Select(folder => Path.Combine(folder, "nginx")).FirstOrDefault(IsExecutable) is { } found)
        {
            return new(found);
        }

        if (cache.HasBinary)
        {
            return new(cache.Binary, cache.LibraryFolder);
        }

        return CanFetch()
            ? new(cache.Binary, cache.LibraryFolder, MustFetch: true)
            : new("nginx", Error: $"nginx is not installed; install it ({InstallCommand()}) or give the path of a binary with Nginx:Path.");
    }

    private bool CanFetch() =>
        OperatingSystem.IsLinux() && OnPath(AptGet) && OnPath("dpkg-deb");

    private bool OnPath(string program) => PathFolders().Any(folder => IsExecutable(Path.Combine(folder, program)));

    private IEnumerable<string> PathFolders() =>
        (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathFullyQualified);

    private string InstallCommand() =>
        OperatingSystem.IsMacOS() ? "brew install nginx"
        : OnPath("dnf") ? "dnf install nginx"
        : OnPath("apk") ? "apk add nginx"
        : OnPath("pacman") ? "pacman -S nginx"
        : OnPath("zypper") ? "zypper install nginx"
        : RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? "apt-get install nginx"
        : "see https://nginx.org/en/download.html";

    private static string? ProblemWith(string path) =>
        Directory.Exists(path) ? "is a folder"
        : !File.Exists(path) ? "does not exist"
        : !IsExecutable(path) ? "cannot be executed"
        : null;

    private static bool IsExecutable(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}

/// <summary>The nginx binary to run.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="LibraryFolder">Where libraries lie that the system does not have, or null for a binary of the system.</param>
/// <param name="MustFetch">Whether it has to be fetched before it can be run.</param>
/// <param name="Error">Why there is none, in one line, or null.</param>
internal sealed record NginxLocation(string Path, string? LibraryFolder = null, bool MustFetch = false, string? Error = null)
{
    /// <summary>What the binary needs in its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        LibraryFolder is { } folder ? new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = folder } : new Dictionary<string, string>();
}

/// <summary>Asks a binary which nginx it is.</summary>
internal static partial class NginxVersion
{
    /// <exception cref="DistributedApplicationException">The binary is no nginx, or cannot be run.</exception>
    public static async Task<Version> ReadAsync(NginxLocation location, CancellationToken cancellationToken)
    {
        var result = await Tool
            .RunAsync(location.Path, ["-v"], location.Environment, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        return Pattern().Match(result.Output) is { Success: true } match && Version.TryParse(match.Groups["version"].Value, out var version)
            ? version
            : throw new DistributedApplicationException($"{location.Path} is no nginx that runs here: {result.LastLine}");
    }

    [GeneratedRegex(@"nginx version: \S+/(?<version>\d+\.\d+\.\d+)")]
    private static partial Regex Pattern();
}

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

    /// <summary><c>$XDG_CACHE_HOME</c>, or <c>~/.cache</c>, and in it <c>aspire-hosting/nginx</c>.</summary>
    public static NginxCache OfUser(Func<string, string?> environment)
    {
        var root = environment("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache)
            ? cache
            : Path.Combine(environment("HOME") is { Length: > 0 } home ? home : Path.GetTempPath(), ".cache");
        return new(Path.Combine(root, "aspire-hosting", "nginx"));
    }

    public static string BinaryIn(string versionFolder) => Path.Combine(versionFolder, "usr", "sbin", "nginx");

    public static string LibrariesIn(string versionFolder) => Path.Combine(versionFolder, "libraries");
}
