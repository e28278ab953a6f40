using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.Sampling;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>The folder of one run: nginx reads and writes nothing else.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class RunFolder : IDisposable
{
    private const string Prefix = "flaskstack-nginx-";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private RunFolder(NginxRunPaths paths) => Paths = paths;

    public NginxRunPaths Paths { get; }

    /// <summary>Makes the folder, and clears those of processes that were killed.</summary>
    /// <param name="workersAreOthers">Whether nginx's workers run as another user, who must get at pages and temporary files.</param>
    /// <exception cref="DistributedApplicationException">The temporary folder cannot be written; nginx cannot run without it.</exception>
    public static RunFolder Create(bool workersAreOthers)
    {
        try
        {
            return CreateIn(workersAreOthers);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(Path.GetTempPath(), exception);
        }
    }

    /// <summary>Says which folder cannot be written, why, and what to do.</summary>
    public static DistributedApplicationException CannotWrite(string folder, Exception exception) =>
        new($"nginx's files cannot be written to {folder}: {exception.Message.TrimEnd('.')}. Make room there, or set TMPDIR to another folder.", exception);

    private static RunFolder CreateIn(bool workersAreOthers)
    {
        RemoveAbandoned();
        var folder = Directory.CreateTempSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-"));
        var paths = new NginxRunPaths(folder.FullName);
        var mode = workersAreOthers ? WorkerAccess.Enters : OwnerOnly;
        folder.UnixFileMode = mode;
        Directory.CreateDirectory(paths.TemporaryFolder, mode);
        Directory.CreateDirectory(paths.ErrorPagesFolder, mode);
        SamplingGate.Prepare(paths.GatesFolder, NginxRunPaths.KeptGate, NginxRunPaths.ToldGate);
        Directory.CreateDirectory(paths.SnippetsFolder, OwnerOnly);
        return new(paths);
    }

    /// <summary>Copies what the configuration refers to, so that the workers can read it wherever it came from.</summary>
    /// <exception cref="DistributedApplicationException">An error page cannot be read.</exception>
    public void WriteFiles(NginxConfiguration configuration)
    {
        for (var index = 0; index < configuration.ErrorPages.Length; index++)
        {
            var target = Paths.ErrorPageFile(index);
            ErrorPageFile.Copy(configuration.ErrorPages[index].File, target);
            File.SetUnixFileMode(target, WorkerAccess.Reads);
        }

        for (var index = 0; index < configuration.Snippets.Length; index++)
        {
            if (configuration.Snippets[index].Text is { } text)
            {
                File.WriteAllText(Paths.SnippetFile(index), text.EndsWith('\n') ? text : text + "\n");
            }
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Paths.Folder))
        {
            Directory.Delete(Paths.Folder, recursive: true);
        }
    }

    private static void RemoveAbandoned()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var owner = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
            if (int.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var process) && !IsAlive(process))
            {
                TryDelete(folder);
            }
        }
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's, or another AppHost is at it: the next one will clear it.
        }
    }
}
