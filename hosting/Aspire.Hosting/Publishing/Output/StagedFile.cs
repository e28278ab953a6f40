namespace Aspire.Hosting.Publishing.Output;

/// <summary>Writes a file as a whole: beside its place first, then over what is there.</summary>
internal static class StagedFile
{
    /// <exception cref="DistributedApplicationException">The file cannot be written; what was there is as it was.</exception>
    public static async Task WriteAsync(string target, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var staged = Staging.Beside(target);
        try
        {
            Directory.CreateDirectory(Staging.FolderAbove(target));
            try
            {
                await File.WriteAllBytesAsync(staged, content, cancellationToken).ConfigureAwait(false);
                File.Move(staged, target, overwrite: true);
            }
            finally
            {
                File.Delete(staged);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Staging.Unwritable(target, e);
        }
    }
}
