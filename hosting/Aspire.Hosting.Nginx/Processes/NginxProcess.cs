using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Provisioning;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>One start of nginx: its binary, the test of its configuration, and its reloads.</summary>
/// <remarks>Its methods are called one at a time.</remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxProcess
{
    /// <summary>The first version with <c>-e</c>, which replaces the error log that was compiled in.</summary>
    public static readonly Version FirstWithErrorLogOption = new(1, 19, 5);

    /// <summary>The first version that passes on a 103 (Early Hints) and waits for the answer behind it.</summary>
    private static readonly Version FirstWithEarlyHints = new(1, 29, 0);

    private readonly NginxLocation _location;
    private readonly Version _version;
    private readonly RunFolder _folder;
    private readonly INginxMaster _master;
    private string _applied = "";

    private NginxProcess(NginxLocation location, Version version, RunFolder folder, INginxMaster master, NginxConfiguration configuration)
    {
        (_location, _version, _folder, _master) = (location, version, folder, master);
        Configuration = configuration;
    }

    /// <summary>What was asked for, with the version of nginx and the connections that this machine allows.</summary>
    public NginxConfiguration Configuration { get; }

    private NginxRunPaths Paths => _folder.Paths;

    /// <summary>Clears what an nginx before left, and finds out what this one can do.</summary>
    /// <param name="location">The binary, which exists.</param>
    /// <param name="folder">The run folder.</param>
    /// <param name="master">The master process that is to be started.</param>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="logger">The log of nginx.</param>
    /// <param name="cancellationToken">Ends the preparation.</param>
    /// <param name="https">Where it is to accept TLS; null for nowhere.</param>
    /// <exception cref="DistributedApplicationException">nginx cannot start; the message is one line with the remedy.</exception>
    /// <exception cref="IOException">The run folder cannot be written.</exception>
    public static async Task<NginxProcess> PrepareAsync(
        NginxLocation location,
        RunFolder folder,
        INginxMaster master,
        NginxConfiguration configuration,
        ILogger logger,
        CancellationToken cancellationToken,
        NginxListen? https = null)
    {
        var version = await NginxVersion.ReadAsync(location, cancellationToken).ConfigureAwait(false);
        var isPortShared = master.PrepareSuccessor();
        var taken = isPortShared ? null
            : Ports.ProblemWith(configuration.Listen!) ?? (https is null ? null : Ports.ProblemWith(https, "WithHostHttpsPort"));
        if (taken is not null)
        {
            throw new DistributedApplicationException(taken);
        }

        var workers = configuration.Workers;
        var sizing = WorkerSizing.Fit(workers.Connections, workers.Processes ?? Environment.ProcessorCount, OpenFilesLimit.Hard());
        if (sizing.Warning is { } warning)
        {
            Log.OpenFilesLimited(logger, warning);
        }

        if (version < FirstWithEarlyHints)
        {
            Log.NoEarlyHints(logger, version);
        }

        // The file of the master before would be taken for this one's.
        folder.Ensure();
        File.Delete(folder.Paths.ProcessIdFile);
        // One that was killed leaves its sockets behind, and the next could not listen there.
        for (var route = 1; route <= configuration.Routes.Length; route++)
        {
            File.Delete(folder.Paths.ShadowSocket(route));
        }

        return new(location, version, folder, master, configuration with
        {
            Version = version,
            Workers = workers with { Connections = sizing.Connections },
            OpenFilesLimit = sizing.OpenFiles,
            HasGzipStatic = configuration.StaticFiles.IsEmpty
                || await NginxVersion.HasModuleAsync(location, "http_gzip_static_module", cancellationToken).ConfigureAwait(false),
        });
    }

    /// <summary>The arguments with which nginx reads and writes nothing outside its run folder.</summary>
    /// <param name="version">The version of nginx; null where it is not known.</param>
    /// <param name="paths">The run folder.</param>
    /// <param name="configurationFile">The configuration in it.</param>
    public static IReadOnlyList<string> Arguments(Version? version, NginxRunPaths paths, string configurationFile) =>
        version is null || version < FirstWithErrorLogOption
            ? ["-p", paths.Folder, "-c", configurationFile]
            : ["-e", "stderr", "-p", paths.Folder, "-c", configurationFile];

    /// <summary>Puts a configuration in place, with its pages and snippets, if it passes nginx's own test.</summary>
    /// <returns>Why it does not pass, in one line, or null.</returns>
    public async Task<string?> WriteAsync(RenderedConfiguration rendered, CancellationToken cancellationToken)
    {
        _applied = "";
        _folder.Ensure();
        _folder.WriteFiles(Configuration);
        var problem = await ReplaceAsync(rendered, cancellationToken).ConfigureAwait(false);
        _applied = problem is null ? rendered.Text : "";
        return problem;
    }

    /// <summary>Puts a configuration in place, and has nginx load it.</summary>
    /// <param name="rendered">The configuration.</param>
    /// <param name="force">Whether nginx reloads although it is the same: pages and snippets may have changed.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    /// <returns>Why nginx keeps the configuration that it has, in one line, or null.</returns>
    public async Task<string?> ApplyAsync(RenderedConfiguration rendered, bool force, CancellationToken cancellationToken)
    {
        if (!force && rendered.Text == _applied && File.Exists(Paths.ConfigurationFile))
        {
            return null;
        }

        if (await WriteAsync(rendered, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            return problem;
        }

        if (await _master.ReloadAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        // The file is not what nginx runs with.
        _applied = "";
        return "nginx does not run.";
    }

    /// <summary>Makes the files that have been removed while nginx runs, most likely by a cleaner of temporary files.</summary>
    /// <returns>Whether any were missing.</returns>
    /// <exception cref="DistributedApplicationException">An error page cannot be read.</exception>
    /// <exception cref="IOException">The run folder cannot be written.</exception>
    public bool Restore()
    {
        if (_folder.IsComplete(Configuration))
        {
            return false;
        }

        _folder.Ensure();
        _folder.WriteFiles(Configuration);
        return true;
    }

    /// <summary>Has nginx test a configuration, which takes the place of the one before if it passes.</summary>
    /// <returns>Why it does not pass, in one line, or null.</returns>
    public async Task<string?> ReplaceAsync(RenderedConfiguration rendered, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Paths.CandidateFile, rendered.Text, cancellationToken).ConfigureAwait(false);
        // It names the sockets of members, and a path is all that is needed to connect to one.
        File.SetUnixFileMode(Paths.CandidateFile, PrivateFile.OwnerOnly);
        string[] arguments = [.. _location.Prefix(), .. Arguments(_version, Paths, Paths.CandidateFile), "-t", "-q"];
        var result = await Tool
            .RunAsync(_location.Path, arguments, _location.Environment, Paths.Folder, cancellationToken)
            .ConfigureAwait(false);
        if (!result.Succeeded)
        {
            return NginxFailure.Explain(result.Output, rendered, Paths);
        }

        File.Move(Paths.CandidateFile, Paths.ConfigurationFile, overwrite: true);
        return null;
    }
}

/// <summary>Turns the output of <c>nginx -t</c> into one line that names the option or the file to correct.</summary>
internal static partial class NginxFailure
{
    public static string Explain(string output, RenderedConfiguration rendered, NginxRunPaths paths)
    {
        var line = output.Split('\n').FirstOrDefault(line => line.Contains("[emerg]", StringComparison.Ordinal)) ?? output.Trim();
        var reason = Preamble().Replace(line, "").Trim();
        if (Place().Match(reason) is not { Success: true } place)
        {
            return $"nginx rejects its configuration: {reason}";
        }

        var lineNumber = int.Parse(place.Groups["line"].Value, CultureInfo.InvariantCulture);
        return $"nginx rejects {Describe(place.Groups["file"].Value, lineNumber, rendered, paths)}: {reason[..place.Index]}";
    }

    private static string Describe(string file, int line, RenderedConfiguration rendered, NginxRunPaths paths) =>
        file == paths.ConfigurationFile || file == paths.CandidateFile
            ? rendered.OriginOf(line) is { } option ? $"what {option} asks for" : $"line {line} of {file}"
            : Path.GetDirectoryName(file) == paths.SnippetsFolder
                ? $"the text of snippet number {Path.GetFileNameWithoutExtension(file)}, line {line}"
                : $"{file}, line {line}";

    [GeneratedRegex(@"^.*?\[emerg\]\s+(?:\d+#\d+:\s+)?")]
    private static partial Regex Preamble();

    [GeneratedRegex(@" in (?<file>/.+):(?<line>\d+)$")]
    private static partial Regex Place();
}
