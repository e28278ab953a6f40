using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Provisioning;

/// <summary>
/// Fetches the distribution's nginx package into the cache, without root and without installing it. apt checks the signatures;
/// its state is private, so nothing of the system changes.
/// </summary>
internal sealed class NginxFetcher(NginxCache cache, TimeProvider timeProvider)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);

    /// <summary>Where releases differ: in older ones "nginx" only points to the package with the binary.</summary>
    private static readonly string[] Packages = ["nginx", "nginx-core", "nginx-light"];

    /// <exception cref="DistributedApplicationException">It could not be fetched; the message says why in one line.</exception>
    public async Task FetchAsync(ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(cache.Folder);
            await using var guard = await LockAsync(cancellationToken).ConfigureAwait(false);
            if (!cache.HasBinary)
            {
                await FetchLockedAsync(logger, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"nginx could not be stored in {cache.Folder}: {exception.Message.TrimEnd('.')}. Mend that, set XDG_CACHE_HOME to another folder, or install nginx yourself.", exception);
        }
    }

    private async Task FetchLockedAsync(ILogger logger, CancellationToken cancellationToken)
    {
        var work = Path.Combine(cache.Folder, $"fetching-{Guid.NewGuid():N}");
        Directory.CreateDirectory(work);
        try
        {
            var apt = await AptDownloader.PrepareAsync(work, logger, cancellationToken).ConfigureAwait(false);
            var unpacked = Path.Combine(work, "unpacked");
            var (version, package) = await FetchBinaryAsync(apt, unpacked, logger, cancellationToken).ConfigureAwait(false);
            await AddMissingLibrariesAsync(apt, package, unpacked, work, logger, cancellationToken).ConfigureAwait(false);
            await NginxVersion.ReadAsync(LocationIn(unpacked), cancellationToken).ConfigureAwait(false);
            Install(unpacked, version);
            Log.Fetched(logger, version, cache.Folder);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static NginxLocation LocationIn(string folder) => new(NginxCache.BinaryIn(folder), NginxCache.LibrariesIn(folder));

    private static async Task<(string Version, string Package)> FetchBinaryAsync(AptDownloader apt, string unpacked, ILogger logger, CancellationToken cancellationToken)
    {
        foreach (var name in Packages)
        {
            Log.Fetching(logger, name);
            var package = await apt.DownloadAsync(name, cancellationToken).ConfigureAwait(false);
            await AptDownloader.UnpackAsync(package, unpacked, cancellationToken).ConfigureAwait(false);
            if (File.Exists(NginxCache.BinaryIn(unpacked)))
            {
                return (await AptDownloader.FieldAsync(package, "Version", cancellationToken).ConfigureAwait(false), package);
            }
        }

        throw new DistributedApplicationException("The distribution's nginx packages hold no usr/sbin/nginx; install nginx yourself, or give the path of a binary with Nginx:Path.");
    }

    /// <summary>Adds those of the package's libraries that the system does not have.</summary>
    private static async Task AddMissingLibrariesAsync(AptDownloader apt, string package, string unpacked, string work, ILogger logger, CancellationToken cancellationToken)
    {
        var libraries = NginxCache.LibrariesIn(unpacked);
        Directory.CreateDirectory(libraries);
        var missing = await MissingLibrariesAsync(unpacked, cancellationToken).ConfigureAwait(false);
        if (missing.Count == 0)
        {
            return;
        }

        foreach (var dependency in await AptDownloader.LibraryDependenciesAsync(package, cancellationToken).ConfigureAwait(false))
        {
            Log.Fetching(logger, dependency);
            var folder = Path.Combine(work, dependency);
            await AptDownloader.UnpackAsync(await apt.DownloadAsync(dependency, cancellationToken).ConfigureAwait(false), folder, cancellationToken).ConfigureAwait(false);
            foreach (var file in Directory.EnumerateFiles(folder, "*.so*", SearchOption.AllDirectories).Where(file => missing.Contains(Path.GetFileName(file))))
            {
                var target = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
                File.Copy(target, Path.Combine(libraries, Path.GetFileName(file)), overwrite: true);
            }
        }
    }

    private static async Task<HashSet<string>> MissingLibrariesAsync(string unpacked, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync("ldd", [NginxCache.BinaryIn(unpacked)], cancellationToken: cancellationToken).ConfigureAwait(false);
        return result.Output.Split('\n')
            .Where(line => line.EndsWith("=> not found", StringComparison.Ordinal))
            .Select(line => line.Trim().Split(' ')[0])
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Puts the whole folder in place at once, then the link: a reader sees either nothing or all of it.</summary>
    private void Install(string unpacked, string version)
    {
        var folder = cache.FolderOf(version);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.Move(unpacked, folder);
        // There is none, or one that leads nowhere: nothing is fetched while there is a binary behind it.
        File.Delete(cache.CurrentLink);
        File.CreateSymbolicLink(cache.CurrentLink, Path.GetFileName(folder));
    }

    /// <summary>Two AppHosts may want nginx at once; the second one finds what the first one fetched.</summary>
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(cache.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(cache.LockFile))
            {
                await Task.Delay(LockRetry, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}

internal static partial class Log
{
    [LoggerMessage(EventId = 41, Level = LogLevel.Information, Message = "Fetching the package {Package} …")]
    public static partial void Fetching(ILogger logger, string package);

    [LoggerMessage(EventId = 42, Level = LogLevel.Information, Message = "Fetching fresh package lists …")]
    public static partial void UpdatingLists(ILogger logger);

    [LoggerMessage(EventId = 43, Level = LogLevel.Information, Message = "nginx {Version} is stored in {Folder} for this and later runs.")]
    public static partial void Fetched(ILogger logger, string version, string folder);
}
