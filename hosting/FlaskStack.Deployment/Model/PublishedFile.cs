using System.Text;
using Aspire.Hosting;

namespace FlaskStack.Deployment.Model;

/// <summary>A file of what is published.</summary>
/// <param name="Path">Its path below the output folder, with forward slashes.</param>
/// <param name="Open">Opens its content.</param>
/// <param name="Mode">Who may read, write and execute it.</param>
internal sealed record PublishedFile(string Path, Func<Stream> Open, UnixFileMode Mode = PublishedFile.Readable)
{
    /// <summary>Everybody reads it.</summary>
    public const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Everybody runs it.</summary>
    public const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Its owner alone reads it.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A file with this content.</summary>
    public static PublishedFile Of(string path, byte[] content) => new(path, () => new MemoryStream(content, writable: false));

    /// <summary>A file with this text.</summary>
    public static PublishedFile OfText(string path, string text, UnixFileMode mode = Readable) =>
        Of(path, Encoding.UTF8.GetBytes(text)) with { Mode = mode };

    /// <summary>A copy of a file.</summary>
    public static PublishedFile CopyOf(string path, string source) =>
        new(path, () => File.OpenRead(source), OperatingSystem.IsWindows() ? Readable : File.GetUnixFileMode(source));

    /// <summary>Writes files into a new or empty folder, which has all of them or stays as it is.</summary>
    /// <exception cref="DistributedApplicationException">The folder is not empty, or a file cannot be written.</exception>
    public static async Task WriteAllAsync(string folder, IEnumerable<PublishedFile> files, CancellationToken cancellationToken)
    {
        // What is filled in there, such as secrets, is not written over.
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new DistributedApplicationException(
                $"--output-path is '{folder}', which is not empty. Empty it, or give another folder.");
        }

        var unfinished = $"{System.IO.Path.TrimEndingDirectorySeparator(folder)}.{System.IO.Path.GetRandomFileName()}";
        try
        {
            Directory.CreateDirectory(unfinished);
            foreach (var file in files)
            {
                await file.WriteAsync(System.IO.Path.Combine(unfinished, file.Path), cancellationToken).ConfigureAwait(false);
            }

            if (Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }

            Directory.Move(unfinished, folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The output cannot be written to '{folder}': {exception.Message}", exception);
        }
        finally
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    private async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            // From the first byte on: what is private is never readable for a moment.
            options.UnixCreateMode = Mode;
        }

        var content = Open();
        await using (content.ConfigureAwait(false))
        {
            var stream = new FileStream(path, options);
            await using (stream.ConfigureAwait(false))
            {
                await content.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
            }
        }

        if (!OperatingSystem.IsWindows())
        {
            // The process's own mask has taken bits away.
            File.SetUnixFileMode(path, Mode);
        }
    }
}
