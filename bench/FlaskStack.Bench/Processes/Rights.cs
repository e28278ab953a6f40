namespace FlaskStack.Bench.Processes;

/// <summary>Who may do what with a file, on Linux, where alone the bench runs.</summary>
internal static class Rights
{
    /// <summary>A folder that others may pass through: nginx's workers, another user's where root runs the bench, must.</summary>
    public const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Sets the rights of a file or folder.</summary>
    public static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Whether everybody may write to it.</summary>
    public static bool AreForAll(string path) =>
        !OperatingSystem.IsWindows() && File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherWrite);
}
