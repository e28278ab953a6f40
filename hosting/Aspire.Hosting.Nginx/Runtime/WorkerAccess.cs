using System.Runtime.Versioning;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>What nginx's workers, which may run as another user, need of the files and folders of a run.</summary>
[UnsupportedOSPlatform("windows")]
internal static class WorkerAccess
{
    /// <summary>A folder whose entries they reach by name (0711).</summary>
    public const UnixFileMode Enters =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>A file that they open (0644).</summary>
    public const UnixFileMode Reads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
}
