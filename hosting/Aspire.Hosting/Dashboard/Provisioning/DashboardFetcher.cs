using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Aspire.Hosting.Orchestration.Instances;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard.Provisioning;

/// <summary>
/// Fetches the dashboard into the cache: npm installs the package of the Aspire CLI, whose own <c>setup</c> unpacks it. Both work in a
/// folder beside the cache's entries; the dashboard becomes one by a rename when it is complete, and the rest is removed.
/// </summary>
internal sealed partial class DashboardFetcher(
    ProcessLauncher launcher,
    DashboardCache cache,
    DashboardPackage package,
    Func<string, string?> environment,
    TimeProvider time,
    ILogger<DistributedApplication> logger)
{
    private const string Npm = "npm";
    private const double BytesPerMegabyte = 1_000_000;

    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstReport = TimeSpan.FromSeconds(15);

    /// <summary>Fetches the dashboard unless another AppHost did so meanwhile.</summary>
    /// <returns>The path of its executable.</returns>
    /// <exception cref="DistributedApplicationException">It cannot be fetched; the message says why.</exception>
    public async Task<string> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            UserFolders.Create(cache.Folder);
            await using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
            if (!File.Exists(cache.ExecutableOf(package)))
            {
                await FetchLockedAsync(cancellationToken).ConfigureAwait(false);
            }

            return cache.ExecutableOf(package);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"it cannot be stored in {cache.Folder}: {exception.Message.TrimEnd('.')}", exception);
        }
        catch (ProcessStartException exception)
        {
            throw new DistributedApplicationException(exception.Message.TrimEnd('.'), exception);
        }
    }

    private async Task FetchLockedAsync(CancellationToken cancellationToken)
    {
        var npm = FindNpm();
        cache.RemoveAbandonedWork();
        var work = cache.CreateWorkFolder();
        try
        {
            Log.Fetching(logger, package.Specifier);
            await InstallAsync(npm, work, cancellationToken).ConfigureAwait(false);
            Log.Unpacking(logger);
            await UnpackAsync(work, cancellationToken).ConfigureAwait(false);
            Keep(work);
            Log.Fetched(logger, package.Version, cache.Folder);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private string FindNpm()
    {
        if (!package.IsPublished)
        {
            throw new DistributedApplicationException($"there is none for this kind of machine ({package.RuntimeIdentifier})");
        }

        string[] names = OperatingSystem.IsWindows() ? [$"{Npm}.cmd", $"{Npm}.exe"] : [Npm];
        return names.Select(name => ExecutableFinder.Search(name, environment("PATH"))).FirstOrDefault(path => path is not null)
            ?? throw new DistributedApplicationException("npm, which fetches it, is not installed");
    }

    private async Task InstallAsync(string npm, string work, CancellationToken cancellationToken)
    {
        using var reporting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var report = ReportProgressAsync(work, reporting.Token);

        // A cache of its own goes with the work folder: npm's would keep a second copy of a hundred megabytes.
        string[] arguments =
        [
            "install", "--prefix", work, "--cache", Path.Combine(work, "npm-cache"), "--global=false", "--no-save", "--no-audit", "--no-fund",
            "--ignore-scripts", "--no-update-notifier", "--loglevel=error", package.Specifier,
        ];
        try
        {
            await RunAsync(Npm, npm, arguments, work, InstanceEnvironment.ForProcess(new Dictionary<string, string>()), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await reporting.CancelAsync().ConfigureAwait(false);
            await report.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// The CLI unpacks itself into its home folder before it does anything else. Told that this is the folder to set up, it unpacks
    /// once, and the user's own <c>~/.aspire</c> is not touched.
    /// </summary>
    private async Task UnpackAsync(string work, CancellationToken cancellationToken)
    {
        var home = AspireHome(work);
        var variables = InstanceEnvironment.ForProcess(new Dictionary<string, string>
        {
            ["HOME"] = work,
            ["USERPROFILE"] = work,
            ["XDG_CACHE_HOME"] = Path.Combine(work, "cache"),
            ["XDG_CONFIG_HOME"] = Path.Combine(work, "config"),
            ["XDG_DATA_HOME"] = Path.Combine(work, "data"),
            ["ASPIRE_HOME"] = home,
            ["NO_COLOR"] = "1",
            ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "true",
        });
        string[] arguments = ["setup", "--install-path", home, "--non-interactive", "--nologo"];
        await RunAsync("aspire setup", package.ExecutableIn(work), arguments, work, variables, cancellationToken).ConfigureAwait(false);
    }

    private void Keep(string work)
    {
        var unpacked = FindUnpacked(Path.Combine(AspireHome(work), "versions"))
            ?? throw new DistributedApplicationException($"the package {package.Specifier} holds no dashboard");
        var entry = cache.EntryOf(package);
        if (Directory.Exists(entry))
        {
            // It has no executable, or nothing would have been fetched.
            Directory.Delete(entry, recursive: true);
        }

        Directory.Move(unpacked, entry);
    }

    private static string AspireHome(string work) => Path.Combine(work, ".aspire");

    private static string? FindUnpacked(string versions) =>
        Directory.Exists(versions)
            ? Directory.EnumerateDirectories(versions)
                .Select(version => Path.Combine(version, "managed"))
                .FirstOrDefault(managed => File.Exists(Path.Combine(managed, DashboardProgram.ManagedName)))
            : null;

    private async Task RunAsync(
        string name, string program, string[] arguments, string folder, IReadOnlyDictionary<string, string?> variables, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var output = new FetchOutput();
        var child = launcher.Start(
            new ProcessSpec { DisplayName = name, FileName = program, Arguments = arguments, WorkingDirectory = folder, Environment = variables },
            output);
        try
        {
            await child.Exit.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await child.StopAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        await child.OutputEnd.ConfigureAwait(false);
        var exit = await child.Exit.ConfigureAwait(false);
        if (exit.Code != 0)
        {
            throw new DistributedApplicationException($"{name} ended with code {exit.Code}: {output.Reason?.TrimEnd('.') ?? "it did not say why"}");
        }
    }

    private async Task ReportProgressAsync(string work, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(FirstReport, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            // Ever more rarely: whoever waits long knows by then.
            timer.Period *= 2;
            Log.Progress(logger, (SizeOf(work) / BytesPerMegabyte).ToString("F0", CultureInfo.InvariantCulture));
        }
    }

    private static long SizeOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // npm moves files while they are counted.
            return 0;
        }
    }

    /// <summary>Two AppHosts may want the dashboard at once; the second one finds what the first one fetched.</summary>
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        var told = false;
        while (true)
        {
            if (TryLock(out var held))
            {
                return held;
            }

            if (!told)
            {
                told = true;
                Log.Waiting(logger);
            }

            await Task.Delay(LockRetry, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool TryLock([NotNullWhen(true)] out FileStream? held)
    {
        try
        {
            held = new FileStream(cache.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException) when (File.Exists(cache.LockFile))
        {
            held = null;
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(101, LogLevel.Information, "Fetching the dashboard ({Package}, about 120 MB, once) with npm; everything else runs meanwhile.")]
        public static partial void Fetching(ILogger logger, string package);

        [LoggerMessage(102, LogLevel.Information, "Still fetching the dashboard: {Megabytes} MB so far.")]
        public static partial void Progress(ILogger logger, string megabytes);

        [LoggerMessage(103, LogLevel.Information, "Unpacking the dashboard.")]
        public static partial void Unpacking(ILogger logger);

        [LoggerMessage(104, LogLevel.Information, "The dashboard {Version} is kept in {Folder} for later runs.")]
        public static partial void Fetched(ILogger logger, string version, string folder);

        [LoggerMessage(105, LogLevel.Information, "Another AppHost fetches the dashboard; waiting for it.")]
        public static partial void Waiting(ILogger logger);
    }
}
