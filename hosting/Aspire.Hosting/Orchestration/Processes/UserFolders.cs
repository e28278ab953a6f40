namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Folders of this user, after the XDG base directory specification; private to the user.</summary>
internal static class UserFolders
{
    private const int ProbeBytes = 4096;
    private const string Product = "flaskstack";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>State that outlives a run: <c>$XDG_STATE_HOME/flaskstack</c>, by default <c>~/.local/state/flaskstack</c>.</summary>
    /// <exception cref="IOException">It cannot be written; the message says which variable moves it.</exception>
    public static string State() => Ready("XDG_STATE_HOME", [".local", "state"], "state");

    /// <summary>What can be fetched again: <c>$XDG_CACHE_HOME/flaskstack</c>, by default <c>~/.cache/flaskstack</c>.</summary>
    /// <exception cref="IOException">It cannot be written; the message says which variable moves it.</exception>
    public static string Cache() => Ready("XDG_CACHE_HOME", [".cache"], "cache");

    /// <summary>Creates a folder that only its owner may enter; one that exists is left as it is.</summary>
    internal static void Create(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, Private);
    }

    /// <summary>Whether a file can be created in the folder and there is space for it.</summary>
    internal static bool IsWritable(string folder) => WriteProblem(folder) is null;

    /// <summary>Why no file can be written to the folder; null when one can.</summary>
    internal static string? WriteProblem(string folder)
    {
        try
        {
            using var probe = File.Create(
                Path.Combine(folder, $".write-{Guid.NewGuid():N}"), bufferSize: 1, FileOptions.DeleteOnClose);
            // A full disk lets files be created, but not written.
            probe.Write(new byte[ProbeBytes]);
            probe.Flush(flushToDisk: false);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message.Split(" : ")[0];
        }
    }

    /// <summary>The folder for these settings, created and found writable.</summary>
    internal static string Ready(string? configured, string? home, string[] homeFolders, string variable)
    {
        // The specification has relative paths ignored.
        var folder = Path.IsPathFullyQualified(configured ?? "")
            ? Path.Combine(configured!, Product)
            : Path.Combine([home ?? "", .. homeFolders, Product]);
        if (!Path.IsPathFullyQualified(folder))
        {
            throw new IOException($"This user has no home folder to keep files in. Set {variable} to a folder that can be written.");
        }

        try
        {
            Create(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder '{folder}' cannot be created: {exception.Message} Set {variable} to a folder that can be written.", exception);
        }

        return WriteProblem(folder) is { } problem
            ? throw new IOException($"The folder '{folder}' cannot be written: {problem}. Make room or set {variable} to another folder.")
            : folder;
    }

    private static string Ready(string variable, string[] homeFolders, string applicationFolder)
    {
        var configured = System.Environment.GetEnvironmentVariable(variable);
        if (OperatingSystem.IsLinux())
        {
            return Ready(configured, System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), homeFolders, variable);
        }

        var local = System.Environment.GetFolderPath(System.Environment.SpecialFolder.LocalApplicationData);
        var folder = Ready(configured, local, [], variable);
        return Directory.CreateDirectory(Path.Combine(folder, applicationFolder)).FullName;
    }
}
