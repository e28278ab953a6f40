using System.Text;

namespace Aspire.Hosting.Publishing.Files;

/// <summary>A file of what is published.</summary>
/// <param name="Path">Its path below the output folder, with forward slashes.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Who may read, write and execute it.</param>
internal sealed record PublishedFile(string Path, byte[] Content, UnixFileMode Mode = PublishedFile.Readable)
{
    /// <summary>Everybody reads it.</summary>
    public const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Everybody runs it.</summary>
    public const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Its owner alone reads it.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static PublishedFile OfText(string path, string text, UnixFileMode mode = Readable) => new(path, Encoding.UTF8.GetBytes(text), mode);
}
