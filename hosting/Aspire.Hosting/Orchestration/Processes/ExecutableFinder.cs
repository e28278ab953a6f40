using System.Text;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Finds the file to execute and says in one sentence why it cannot be started, before anything is started.</summary>
internal static class ExecutableFinder
{
    private const string PathVariable = "PATH";

    private const int LongestInterpreterLine = 256;

    /// <summary>The full path of the executable.</summary>
    /// <exception cref="ProcessStartException">The working directory or the file is missing, or the file cannot be executed.</exception>
    public static string Find(ProcessSpec spec)
    {
        if (!Directory.Exists(spec.WorkingDirectory))
        {
            throw new ProcessStartException(
                $"Cannot start '{spec.DisplayName}': its working directory '{spec.WorkingDirectory}' does not exist. Create it or correct the path.");
        }

        if (!OperatingSystem.IsLinux())
        {
            // The system's own search knows extensions and application folders.
            return spec.FileName;
        }

        var path = spec.FileName.Contains('/', StringComparison.Ordinal)
            ? Path.GetFullPath(spec.FileName, Path.GetFullPath(spec.WorkingDirectory))
            : Search(spec);
        Verify(spec, path);
        return path;
    }

    /// <summary>The first executable of this name in a PATH, or null.</summary>
    public static string? Search(string fileName, string? searchPath) =>
        (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, fileName))
            .FirstOrDefault(candidate => File.Exists(candidate) && IsExecutable(candidate));

    private static string Search(ProcessSpec spec)
    {
        var searchPath = spec.Environment.TryGetValue(PathVariable, out var own) ? own : System.Environment.GetEnvironmentVariable(PathVariable);
        return Search(spec.FileName, searchPath) ?? throw new ProcessStartException(
            $"Cannot start '{spec.DisplayName}': there is no executable '{spec.FileName}' in PATH ({searchPath}). Install it or give its full path.");
    }

    private static void Verify(ProcessSpec spec, string path)
    {
        if (Directory.Exists(path))
        {
            throw new ProcessStartException($"Cannot start '{spec.DisplayName}': '{path}' is a folder. Give the path of an executable file.");
        }

        if (!File.Exists(path))
        {
            throw new ProcessStartException($"Cannot start '{spec.DisplayName}': '{path}' does not exist. Build or install it, or correct the path.");
        }

        if (!IsExecutable(path))
        {
            throw new ProcessStartException($"Cannot start '{spec.DisplayName}': '{path}' is not executable. Run: chmod +x '{path}'");
        }

        if (Interpreter(path) is { } interpreter && !File.Exists(interpreter))
        {
            throw new ProcessStartException(
                $"Cannot start '{spec.DisplayName}': '{path}' asks for the interpreter '{interpreter.Replace("\r", "\\r", StringComparison.Ordinal)}', "
                + "which does not exist. Correct its first line (Windows line ends break it) or install the interpreter.");
        }
    }

    private static bool IsExecutable(string path) =>
        !OperatingSystem.IsLinux() || NativeMethods.Access(path, NativeMethods.ExecuteAccess) == 0;

    private static string? Interpreter(string path)
    {
        Span<byte> start = stackalloc byte[LongestInterpreterLine];
        try
        {
            using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            start = start[..RandomAccess.Read(handle, start, 0)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Executable but not readable: the kernel can run it, so leave it to the kernel.
            return null;
        }

        var lineEnd = start.IndexOf((byte)'\n');
        if (!start.StartsWith("#!"u8) || lineEnd < 0)
        {
            return null;
        }

        var line = start[2..lineEnd].Trim(" \t"u8);
        var nameEnd = line.IndexOfAny((byte)' ', (byte)'\t');
        var name = Encoding.UTF8.GetString(nameEnd < 0 ? line : line[..nameEnd]);
        return name.StartsWith('/') ? name : null;
    }
}
