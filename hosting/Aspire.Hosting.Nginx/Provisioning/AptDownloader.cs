using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Provisioning;

/// <summary>Downloads packages with apt: the system's sources and keys, but lists, caches and hooks of its own.</summary>
internal sealed partial class AptDownloader
{
    private const string SystemLists = "/var/lib/apt/lists";

    private readonly string _work;
    private readonly string _configuration;
    private readonly ILogger _logger;
    private bool _hasOwnLists;

    private AptDownloader(string work, ILogger logger)
    {
        _work = work;
        _configuration = Path.Combine(work, "apt.conf");
        _logger = logger;
    }

    private string OwnLists => Path.Combine(_work, "lists");

    public static async Task<AptDownloader> PrepareAsync(string work, ILogger logger, CancellationToken cancellationToken)
    {
        var apt = new AptDownloader(work, logger);
        Directory.CreateDirectory(Path.Combine(apt.OwnLists, "partial"));
        Directory.CreateDirectory(Path.Combine(work, "cache", "archives", "partial"));
        await File.WriteAllTextAsync(apt._configuration, apt.Configuration(SystemLists), cancellationToken).ConfigureAwait(false);
        return apt;
    }

    /// <summary>Downloads a package with the lists the system has; where they are missing or out of date, with fresh ones.</summary>
    /// <returns>The path of the package file.</returns>
    public async Task<string> DownloadAsync(string package, CancellationToken cancellationToken)
    {
        var result = await TryDownloadAsync(package, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded && !_hasOwnLists)
        {
            await UpdateListsAsync(cancellationToken).ConfigureAwait(false);
            result = await TryDownloadAsync(package, cancellationToken).ConfigureAwait(false);
        }

        return result.Succeeded
            ? Directory.EnumerateFiles(_work, $"{package}_*.deb").First()
            : throw new DistributedApplicationException(
                $"The package {package} could not be downloaded ({result.LastLine}); "
                + "install nginx yourself, or give the path of a binary with Nginx:Path.");
    }

    public static async Task UnpackAsync(string package, string folder, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync("dpkg-deb", ["-x", package, folder], cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new DistributedApplicationException($"The package {Path.GetFileName(package)} could not be unpacked: {result.LastLine}");
        }
    }

    public static async Task<string> FieldAsync(string package, string field, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync("dpkg-deb", ["-f", package, field], cancellationToken: cancellationToken).ConfigureAwait(false);
        return result.Output.Trim();
    }

    /// <summary>The libraries a package depends on, without the C library, which must be the system's.</summary>
    public static async Task<IReadOnlyList<string>> LibraryDependenciesAsync(string package, CancellationToken cancellationToken) =>
        [.. (await FieldAsync(package, "Depends", cancellationToken).ConfigureAwait(false))
            .Split([',', '|'], StringSplitOptions.TrimEntries)
            .Select(dependency => PackageName().Match(dependency).Value)
            .Where(static name => name != "libc6")
            .Where(static name => name.StartsWith("lib", StringComparison.Ordinal) || name.StartsWith("zlib", StringComparison.Ordinal))
            .Distinct()];

    private Task<ToolResult> TryDownloadAsync(string package, CancellationToken cancellationToken) =>
        RunAsync(["download", package], cancellationToken);

    private Task<ToolResult> RunAsync(string[] command, CancellationToken cancellationToken) =>
        Tool.RunAsync("apt-get", ["-q", "-c", _configuration, .. command], workingDirectory: _work, cancellationToken: cancellationToken);

    private async Task UpdateListsAsync(CancellationToken cancellationToken)
    {
        Log.UpdatingLists(_logger);
        await File.WriteAllTextAsync(_configuration, Configuration(OwnLists), cancellationToken).ConfigureAwait(false);
        _hasOwnLists = true;
        var result = await RunAsync(["update"], cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new DistributedApplicationException(
                $"apt-get update failed ({result.LastLine}); install nginx yourself, or give the path of a binary with Nginx:Path.");
        }
    }

    private string Configuration(string lists) =>
        $$"""
        Dir::State "{{_work}}";
        Dir::State::lists "{{lists}}";
        Dir::State::status "/var/lib/dpkg/status";
        Dir::Cache "{{_work}}/cache";
        APT::Sandbox::User "{{Environment.UserName}}";
        Acquire::Retries "2";
        Acquire::Languages "none";
        #clear APT::Update::Pre-Invoke;
        #clear APT::Update::Post-Invoke;
        #clear APT::Update::Post-Invoke-Success;
        #clear Acquire::IndexTargets::deb::DEP-11;
        #clear Acquire::IndexTargets::deb::Contents-deb;

        """;

    [GeneratedRegex("^[a-z0-9][a-z0-9.+-]*")]
    private static partial Regex PackageName();
}
