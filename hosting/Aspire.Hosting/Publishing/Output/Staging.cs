namespace Aspire.Hosting.Publishing.Output;

/// <summary>Where something is written before it takes its place: in the same folder, so that moving it is one step of the file system.</summary>
internal static class Staging
{
    public static string Beside(string target) => Path.Join(FolderAbove(target), $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}");

    public static string FolderAbove(string target) => Path.GetDirectoryName(target) ?? target;

    /// <summary>The highest of a folder and those above it that does not exist; null when all of them do.</summary>
    public static string? FirstMissing(string folder)
    {
        string? missing = null;
        for (var current = folder; current is not null && !Directory.Exists(current); current = Path.GetDirectoryName(current))
        {
            missing = current;
        }

        return missing;
    }

    public static DistributedApplicationException Unwritable(string target, Exception reason) =>
        new($"'{target}' cannot be written: {reason.Message} Give another --output-path.", reason);
}
