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

    /// <summary>Fetches nginx into the cache of this user where the location says so and it is not there yet.</summary>
    /// <param name="location">Where nginx was found, or is to be fetched to.</param>
    /// <param name="name">The name of the resource, for the log.</param>
    /// <param name="logger">The log of the resource.</param>
    /// <param name="hostLogger">The log of the AppHost.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Ends the fetching.</param>
    /// <exception cref="DistributedApplicationException">There is no nginx; the message is one line with the remedy.</exception>
    public static async Task EnsureAsync(
        NginxLocation location,
        string name,
        ILogger logger,
        ILogger hostLogger,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        if (location.Error is { } error)
        {
            throw new DistributedApplicationException(error);
        }

        if (location.MustFetch && NginxCache.OfUser(Environment.GetEnvironmentVariable) is { } cache)
        {
            if (!cache.HasBinary)
            {
                Log.WillFetch(hostLogger, name, cache.Folder);
            }

            await new NginxFetcher(cache, timeProvider).FetchAsync(logger, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="DistributedApplicationException">It could not be fetched; the message says why in one line.</exception>
    public async Task FetchAsync(ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            cache.Make();
            await using var guard = await LockAsync(cancellationToken).ConfigureAwait(false);
            if (!cache.HasBinary)
            {
                await FetchLockedAsync(logger, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException(
                $"nginx could not be stored in {cache.Folder}: {exception.Message.TrimEnd('.')}. "
                + "Make it writable, set XDG_CACHE_HOME to another folder, or install nginx yourself.",
                exception);
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

    private static async Task<(string Version, string Package)> FetchBinaryAsync(
        AptDownloader apt, string unpacked, ILogger logger, CancellationToken cancellationToken)
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

        throw new DistributedApplicationException(
            "The distribution's nginx packages hold no usr/sbin/nginx; "
            + "install nginx yourself, or give the path of a binary with Nginx:Path.");
    }

    /// <summary>Adds those of the package's libraries that the system does not have.</summary>
    private static async Task AddMissingLibrariesAsync(
        AptDownloader apt, string package, string unpacked, string work, ILogger logger, CancellationToken cancellationToken)
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
            var file = await apt.DownloadAsync(dependency, cancellationToken).ConfigureAwait(false);
            await AptDownloader.UnpackAsync(file, folder, cancellationToken).ConfigureAwait(false);
            foreach (var library in Directory.EnumerateFiles(folder, "*.so*", SearchOption.AllDirectories)
                .Where(path => missing.Contains(Path.GetFileName(path))))
            {
                var target = File.ResolveLinkTarget(library, returnFinalTarget: true)?.FullName ?? library;
                File.Copy(target, Path.Combine(libraries, Path.GetFileName(library)), overwrite: true);
            }
        }
    }

    private static async Task<HashSet<string>> MissingLibrariesAsync(string unpacked, CancellationToken cancellationToken)
    {
        var result = await Tool
            .RunAsync("ldd", [NginxCache.BinaryIn(unpacked)], cancellationToken: cancellationToken)
            .ConfigureAwait(false);
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
        // There is no link, or a broken one: while there is a binary, nothing is fetched.
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
    [LoggerMessage(EventId = 1, Level = LogLevel.Information,
        Message = "No nginx is installed: fetching the distribution's package for '{Name}' into {Folder}.")]
    public static partial void WillFetch(ILogger logger, string name, string folder);

    [LoggerMessage(EventId = 41, Level = LogLevel.Information, Message = "Fetching the package {Package} …")]
    public static partial void Fetching(ILogger logger, string package);

    [LoggerMessage(EventId = 42, Level = LogLevel.Information, Message = "Fetching fresh package lists …")]
    public static partial void UpdatingLists(ILogger logger);

    [LoggerMessage(EventId = 43, Level = LogLevel.Information, Message = "nginx {Version} is stored in {Folder} for this and later runs.")]
    public static partial void Fetched(ILogger logger, string version, string folder);
}
