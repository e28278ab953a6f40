using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>The folder of one run, outside of which nginx writes nothing.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class RunFolder : IDisposable
{
    private const string Prefix = "nginx-";

    private readonly PrivateFolder _folder;
    private readonly UnixFileMode _mode;

    private RunFolder(PrivateFolder folder, UnixFileMode mode) => (_folder, _mode, Paths) = (folder, mode, new(folder.Path));

    public NginxRunPaths Paths { get; }

    /// <summary>Makes the folder, and removes those of AppHosts that were killed.</summary>
    /// <param name="workersAreOthers">Whether nginx's workers run as another user, who must reach pages and temporary files.</param>
    /// <exception cref="DistributedApplicationException">The folder cannot be made, or its parent is another user's.</exception>
    public static RunFolder Create(bool workersAreOthers)
    {
        try
        {
            var run = new RunFolder(
                PrivateFolder.Create(Prefix, workersAreOthers, NginxMaster.KillOrphans),
                workersAreOthers ? PrivateFolder.Enters : PrivateFolder.OwnerOnly);
            run.Ensure();
            return run;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(PrivateFolder.ParentFolder(workersAreOthers), exception);
        }
    }

    /// <summary>The error that names the folder, the reason and the remedy.</summary>
    public static DistributedApplicationException CannotWrite(string folder, Exception exception) => new(
        $"nginx's files cannot be written to {folder}: {exception.Message.TrimEnd('.')}. Make room there, or set TMPDIR to another folder.",
        exception);

    /// <summary>Makes what is missing: a cleaner of temporary files may have removed it.</summary>
    public void Ensure()
    {
        _folder.Ensure();
        Directory.CreateDirectory(Paths.TemporaryFolder, _mode);
        Directory.CreateDirectory(Paths.ErrorPagesFolder, _mode);
        Directory.CreateDirectory(Paths.SnippetsFolder, PrivateFolder.OwnerOnly);
    }

    /// <summary>Copies the pages and snippets of a configuration, so that the workers can read them.</summary>
    /// <exception cref="DistributedApplicationException">An error page cannot be read.</exception>
    public void WriteFiles(NginxConfiguration configuration)
    {
        for (var index = 0; index < configuration.ErrorPages.Length; index++)
        {
            var target = Paths.ErrorPageFile(index, configuration.ErrorPages[index]);
            ErrorPageFile.Copy(configuration.ErrorPages[index].File, target);
            File.SetUnixFileMode(target, NginxRunPaths.ReadableByWorkers);
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
        NginxMaster.KillOrphans(Paths.Folder);
        _folder.Dispose();
    }
}

/// <summary>The file behind an error page.</summary>
internal static class ErrorPageFile
{
    /// <summary>Why it cannot be shown, in one line, or null.</summary>
    public static string? ProblemWith(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"WithErrorPage: {file} cannot be read: {exception.Message}";
        }
    }

    /// <exception cref="DistributedApplicationException">It cannot be read.</exception>
    public static void Copy(string file, string target)
    {
        if (ProblemWith(file) is { } problem)
        {
            throw new DistributedApplicationException(problem);
        }

        File.Copy(file, target, overwrite: true);
    }
}
