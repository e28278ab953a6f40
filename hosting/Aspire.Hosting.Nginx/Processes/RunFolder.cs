using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>The folder of one run, outside of which nginx writes nothing.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class RunFolder : IDisposable
{
    private const string Prefix = "nginx-";
    private const string Problem = "nginx's files cannot be written to";

    /// <summary>The mode of a folder in it that workers of another user enter (0711).</summary>
    private const UnixFileMode WorkersEnter = PrivateFolder.OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly PrivateParent _parent;
    private readonly PrivateFolder _folder;
    private readonly WorkerUser? _workers;

    private RunFolder(PrivateParent parent, WorkerUser? workers)
    {
        (_parent, _workers) = (parent, workers);
        _folder = PrivateFolder.Create(parent, Prefix, workers?.GroupId, NginxMaster.KillOrphans);
        Paths = new(_folder.Path);
    }

    public NginxRunPaths Paths { get; }

    /// <summary>Makes the folder, and removes those of AppHosts that were killed.</summary>
    /// <param name="workers">The user nginx's workers run as, who must reach pages and temporary files; null for the AppHost's.</param>
    /// <param name="parent">Where to make it; null for the place of this machine.</param>
    /// <exception cref="DistributedApplicationException">The folder cannot be made, or its parent is not safe from other users.</exception>
    public static RunFolder Create(WorkerUser? workers, PrivateParent? parent = null)
    {
        parent ??= PrivateParent.Of(Environment.GetEnvironmentVariable);
        RunFolder? run = null;
        try
        {
            run = new(parent, workers);
            run.Ensure();
            return PrivateParent.FitsSocket(run.Paths.StatusSocket) ? run : throw new IOException("its path is too long for a Unix socket");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            run?.Dispose();
            throw parent.CannotWrite(Problem, exception);
        }
    }

    /// <summary>The error that names the folder, the reason and the remedy.</summary>
    public DistributedApplicationException CannotWrite(Exception exception) => _parent.CannotWrite(Problem, exception);

    /// <summary>Makes what is missing: a cleaner of temporary files may have removed it.</summary>
    public void Ensure()
    {
        _folder.Ensure();
        MakeFolder(Paths.TemporaryFolder);
        MakeFolder(Paths.ErrorPagesFolder);
        Directory.CreateDirectory(Paths.SnippetsFolder, PrivateFolder.OwnerOnly);
        foreach (var folder in Paths.WorkerFolders.Where(static folder => !Directory.Exists(folder)))
        {
            Directory.CreateDirectory(folder, PrivateFolder.OwnerOnly);
            if (_workers is { } workers)
            {
                FileOwner.Give(folder, workers.Id, workers.GroupId);
            }
        }
    }

    /// <summary>Whether all is there that nginx opens for requests.</summary>
    public bool IsComplete(NginxConfiguration configuration) =>
        Paths.WorkerFolders.All(Directory.Exists)
        && configuration.ErrorPages.Select((page, index) => Paths.ErrorPageFile(index, page)).All(File.Exists);

    private void MakeFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, PrivateFolder.OwnerOnly);
            File.SetUnixFileMode(folder, _workers is null ? PrivateFolder.OwnerOnly : WorkersEnter);
        }
    }

    /// <summary>Copies the pages and snippets of a configuration, so that the workers can read them.</summary>
    /// <exception cref="DistributedApplicationException">An error page cannot be read.</exception>
    public void WriteFiles(NginxConfiguration configuration)
    {
        for (var index = 0; index < configuration.ErrorPages.Length; index++)
        {
            var target = Paths.ErrorPageFile(index, configuration.ErrorPages[index]);
            ErrorPageFile.Copy(configuration.ErrorPages[index].File, target);
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

    /// <summary>Copies it, for nginx's workers to read, in one step.</summary>
    /// <exception cref="DistributedApplicationException">It cannot be read.</exception>
    public static void Copy(string file, string target)
    {
        if (ProblemWith(file) is { } problem)
        {
            throw new DistributedApplicationException(problem);
        }

        var copy = $"{target}.new";
        File.Copy(file, copy, overwrite: true);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(copy, NginxRunPaths.ReadableByWorkers);
        }

        File.Move(copy, target, overwrite: true);
    }
}
