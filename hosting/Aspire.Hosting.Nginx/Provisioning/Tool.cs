using System.Diagnostics;
using System.Text;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Provisioning;

/// <summary>Runs a program to its end and keeps what it said.</summary>
internal static class Tool
{
    private const string SearchPath = "PATH";

    /// <summary>The path of a program that only root and this user can have written, or null.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="path">The <c>PATH</c>.</param>
    public static string? Find(string program, string? path) => TrustedPath.Folders(path)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(static file => IsExecutable(file) && TrustedPath.ProblemWith(file) is null);

    public static bool IsExecutable(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    /// <summary>Runs a program.</summary>
    /// <param name="program">Its absolute path, or the name of one on the <c>PATH</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables added to those of the AppHost.</param>
    /// <param name="workingDirectory">Its working folder; null for the root folder.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="DistributedApplicationException">The program could not be started.</exception>
    public static async Task<ToolResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? workingDirectory = null,
        CancellationToken cancellationToken = default)
    {
        // .NET would look for a name in the working folder first, and the program for others on the whole PATH.
        var path = Environment.GetEnvironmentVariable(SearchPath);
        var file = Path.IsPathFullyQualified(program) ? program : Find(program, path)
            ?? throw new DistributedApplicationException(
                $"{program} is not in a folder of PATH that only root and this user can write to.");
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = workingDirectory ?? "/" };
        start.Environment["LC_ALL"] = "C";
        start.Environment[SearchPath] = string.Join(Path.PathSeparator, TrustedPath.Folders(path));
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var output = new StringBuilder();
        var exitCode = await ProgramRun
            .RunAsync(start, line => output.Append(line).Append('\n'), cancellationToken)
            .ConfigureAwait(false);
        return new(exitCode, output.ToString());
    }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to its standard output and error.</param>
internal sealed record ToolResult(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last line that says something, for a message of one line.</summary>
    public string LastLine => Output
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .LastOrDefault() ?? $"exit code {ExitCode}";
}
