namespace Aspire.Hosting.Publishing.Output;

/// <summary>A new folder beside another that does not exist or is empty, to be filled and then put into its place.</summary>
internal sealed class StagedFolder : IDisposable
{
    private readonly string _target;
    private readonly string? _createdAbove;

    private StagedFolder(string target, string path, string? createdAbove)
    {
        _target = target;
        Path = path;
        _createdAbove = createdAbove;
    }

    /// <summary>The folder to fill.</summary>
    public string Path { get; }

    /// <summary>Makes the folder.</summary>
    /// <param name="target">What it is to become; the folders above it are made too.</param>
    /// <exception cref="DistributedApplicationException">The target is a file, is not empty, or cannot be written.</exception>
    public static StagedFolder Create(string target)
    {
        if (File.Exists(target))
        {
            throw new DistributedApplicationException($"--output-path is '{target}', which is a file. Give a folder that is empty or does not exist.");
        }

        try
        {
            if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            {
                throw new DistributedApplicationException($"--output-path is '{target}', which is not empty. Empty it, or give another folder.");
            }

            var above = Staging.FolderAbove(target);
            var missing = Staging.FirstMissing(above);
            Directory.CreateDirectory(above);
            return new StagedFolder(target, Directory.CreateDirectory(Staging.Beside(target)).FullName, missing);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Staging.Unwritable(target, e);
        }
    }

    /// <summary>Puts the folder into its place, or removes it when nothing was written to it.</summary>
    /// <returns>Whether anything was written.</returns>
    /// <exception cref="DistributedApplicationException">The target cannot be written, or has been filled meanwhile.</exception>
    public bool Commit()
    {
        if (!Directory.EnumerateFileSystemEntries(Path).Any())
        {
            Dispose();
            return false;
        }

        try
        {
            if (Directory.Exists(_target))
            {
                // Fails when it is not empty any more.
                Directory.Delete(_target);
            }

            Directory.Move(Path, _target);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw Staging.Unwritable(_target, e);
        }
    }

    /// <summary>Removes the folder, and those above it that were made with it, unless somebody uses them now.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }

        for (var above = Staging.FolderAbove(_target); _createdAbove is not null && above.StartsWith(_createdAbove, StringComparison.Ordinal); above = Staging.FolderAbove(above))
        {
            if (!Directory.Exists(above) || Directory.EnumerateFileSystemEntries(above).Any())
            {
                return;
            }

            Directory.Delete(above);
        }
    }
}
