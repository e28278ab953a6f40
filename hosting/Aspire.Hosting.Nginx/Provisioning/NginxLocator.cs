using System.Runtime.InteropServices;

namespace Aspire.Hosting.Nginx.Provisioning;

/// <summary>Finds nginx without running anything: where the AppHost says, on the PATH, in the usual places, in the cache.</summary>
/// <param name="cache">Where a fetched one lies.</param>
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

    /// <param name="configured">The path from the configuration or from code, made absolute, or null.</param>
    /// <param name="source">What <paramref name="configured"/> was set with, for the message.</param>
    public NginxLocation Locate(string? configured, string source)
    {
        if (configured is not null)
        {
            return new(configured, Error: ProblemWith(configured) is { } problem ? $"{source} is {configured}, which {problem}; give the path of an nginx binary." : null);
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
