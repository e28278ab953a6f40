namespace Aspire.Hosting.Publishing.Files;

/// <summary>Writes what is published.</summary>
internal static class PublishedFolder
{
    /// <summary>Writes files, each with its mode, into a folder that is made if need be.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">The files.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="DistributedApplicationException">A file cannot be written; the message names the folder.</exception>
    public static async Task WriteAsync(string folder, IEnumerable<PublishedFile> files, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in files)
            {
                await WriteAsync(Path.Combine(folder, file.Path), file, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The output cannot be written to '{folder}': {exception.Message}", exception);
        }
    }

    private static async Task WriteAsync(string path, PublishedFile file, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            // From the first byte on: what is private is never readable for a moment.
            options.UnixCreateMode = file.Mode;
        }

        var stream = new FileStream(path, options);
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteAsync(file.Content, cancellationToken).ConfigureAwait(false);
        }

        if (!OperatingSystem.IsWindows())
        {
            // The process's own mask has taken bits away.
            File.SetUnixFileMode(path, file.Mode);
        }
    }
}
