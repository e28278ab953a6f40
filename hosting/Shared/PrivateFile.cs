using System.Runtime.Versioning;

namespace Aspire.Hosting.Shared;

/// <summary>Files that only their owner can read.</summary>
[UnsupportedOSPlatform("windows")]
internal static class PrivateFile
{
    /// <summary>The mode of such a file (0600).</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a file in one step: who opens it finds the old content or the new one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Its content.</param>
    /// <param name="prepare">Called with the path of the new file before it takes the place of the old one.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, string text, Action<string>? prepare = null)
    {
        var file = $"{path}.new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        using (var writer = new StreamWriter(file, options))
        {
            writer.Write(text);
        }

        prepare?.Invoke(file);
        File.Move(file, path, overwrite: true);
    }
}
