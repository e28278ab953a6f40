using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Nginx.Provisioning;

/// <summary>
/// Finds nginx without running anything: where the AppHost says, on the PATH, in the usual places, in the cache. What other users could
/// have written is not taken.
/// </summary>
/// <param name="cache">The cache of fetched ones; null where this user has no folder for it.</param>
/// <param name="environment">Reads an environment variable.</param>
/// <param name="usualPlaces">The folders looked into after the PATH.</param>
internal sealed class NginxLocator(NginxCache? cache, Func<string, string?> environment, IReadOnlyList<string> usualPlaces)
{
    private const string AptGet = "apt-get";
    private const string Nginx = "nginx";

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

        var found = PathFolders().Concat(usualPlaces)
            .Select(static folder => Path.Combine(folder, Nginx))
            .Where(Tool.IsExecutable)
            .ToArray();
        if (found.FirstOrDefault(static file => TrustedPath.ProblemWith(file) is null) is { } installed)
        {
            return new(installed);
        }

        if (cache?.HasBinary is true)
        {
            return new(cache.Binary, cache.LibraryFolder, Error: cache.Problem);
        }

        return CanFetch() && cache is not null
            ? new(cache.Binary, cache.LibraryFolder, MustFetch: true)
            : new(Nginx, Error: found is [var refused, ..]
                ? $"{refused} is not run: {TrustedPath.ProblemWith(refused)}. "
                    + "Change that, or give the path of another binary with Nginx:Path."
                : NotInstalled());
    }

    private string NotInstalled() => CanFetch()
        ? "nginx is not installed, and there is no folder to store a downloaded one in; set HOME or XDG_CACHE_HOME, or install nginx."
        : $"nginx is not installed; install it ({InstallCommand()}) or give the path of a binary with Nginx:Path.";

    private bool CanFetch() =>
        OperatingSystem.IsLinux() && OnPath(AptGet) && OnPath("dpkg-deb");

    private bool OnPath(string program) => Tool.Find(program, environment("PATH")) is not null;

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
        : !Tool.IsExecutable(path) ? "cannot be executed"
        : TrustedPath.ProblemWith(path) is { } problem ? $"is not run because {problem}"
        : null;
}

/// <summary>The nginx binary to run.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="LibraryFolder">Where libraries lie that the system does not have, or null for a binary of the system.</param>
/// <param name="MustFetch">Whether it has to be fetched before it can be run.</param>
/// <param name="Error">Why there is none, in one line, or null.</param>
internal sealed record NginxLocation(string Path, string? LibraryFolder = null, bool MustFetch = false, string? Error = null)
{
    /// <summary>What goes before nginx's own arguments, where the binary runs it in a container.</summary>
    public Func<string[]> Prefix { get; init; } = static () => [];

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
            .RunAsync(location.Path, [.. location.Prefix(), "-v"], location.Environment, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        return Pattern().Match(result.Output) is { Success: true } match && Version.TryParse(match.Groups["version"].Value, out var version)
            ? version
            : throw new DistributedApplicationException(
                $"{location.Prefix().LastOrDefault() ?? location.Path} is no nginx that runs here: {result.LastLine}");
    }

    /// <summary>Whether the binary was built with a module.</summary>
    public static async Task<bool> HasModuleAsync(NginxLocation location, string module, CancellationToken cancellationToken)
    {
        var result = await Tool
            .RunAsync(location.Path, [.. location.Prefix(), "-V"], location.Environment, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        return result.Output.Contains($"--with-{module}", StringComparison.Ordinal);
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

    /// <summary>Why nothing in it may be run, in one line, or null: other users could have written it.</summary>
    public string? Problem => Written.Select(TrustedPath.ProblemWith).FirstOrDefault(static problem => problem is not null) is { } problem
        ? $"The nginx in {folder} is not run: {problem}. Remove it, set XDG_CACHE_HOME to a folder of your own, or install nginx."
        : null;

    private IEnumerable<string> Written =>
    [
        folder,
        .. File.Exists(Binary) ? [Binary] : Array.Empty<string>(),
        .. Directory.Exists(LibraryFolder) ? Directory.EnumerateFiles(LibraryFolder) : [],
    ];

    public string FolderOf(string version) => Path.Combine(folder, version.Replace('/', '_').Replace(':', '_'));

    /// <summary><c>$XDG_CACHE_HOME</c>, or <c>~/.cache</c>, and in it <c>aspire-hosting/nginx</c>; null where neither is set.</summary>
    public static NginxCache? OfUser(Func<string, string?> environment)
    {
        var root = environment("XDG_CACHE_HOME") is { } cache && Path.IsPathFullyQualified(cache) ? cache
            : environment("HOME") is { } home && Path.IsPathFullyQualified(home) ? Path.Combine(home, ".cache")
            : null;
        return root is null ? null : new(Path.Combine(root, "aspire-hosting", "nginx"));
    }

    /// <summary>Makes the folder, for this user only where it is new.</summary>
    /// <exception cref="DistributedApplicationException">Other users could have written what is in it.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Make()
    {
        Make(folder);
        if (Problem is { } problem)
        {
            throw new DistributedApplicationException(problem);
        }
    }

    private static void Make(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        Make(Path.GetDirectoryName(folder)!);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, PrivateFolder.OwnerOnly);
        }
    }

    public static string BinaryIn(string versionFolder) => Path.Combine(versionFolder, "usr", "sbin", "nginx");

    public static string LibrariesIn(string versionFolder) => Path.Combine(versionFolder, "libraries");
}
