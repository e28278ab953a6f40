using System.Diagnostics;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Gunicorn.Provisioning;

/// <summary>Runs a program to its end.</summary>
internal static class PythonTool
{
    /// <summary>The path of a program that only root and this user can have written, or null.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="path">The <c>PATH</c>.</param>
    public static string? Find(string program, string? path) => TrustedPath.Folders(path)
        .Select(folder => Path.Join(folder, program))
        .FirstOrDefault(static file => File.Exists(file) && TrustedPath.ProblemWith(file) is null);

    /// <summary>Runs a program.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="variables">Variables added to those of the AppHost.</param>
    /// <param name="output">Called with each line that it writes.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="DistributedApplicationException">It could not be started.</exception>
    public static Task<int> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string folder,
        IReadOnlyDictionary<string, string> variables,
        Action<string> output,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return ProgramRun.RunAsync(start, output, cancellationToken);
    }
}
