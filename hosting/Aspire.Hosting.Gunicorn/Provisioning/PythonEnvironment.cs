using System.Security.Cryptography;
using Aspire.Hosting.Gunicorn.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Gunicorn.Provisioning;

/// <summary>A gunicorn that can be run.</summary>
/// <param name="Path">The path of the program.</param>
/// <param name="VirtualEnvironment">The virtual environment that it belongs to, or null.</param>
internal sealed record GunicornProgram(string Path, string? VirtualEnvironment)
{
    /// <summary>OpenTelemetry's wrapper beside it, or null.</summary>
    public string? Instrumentation =>
        System.IO.Path.Join(System.IO.Path.GetDirectoryName(Path), "opentelemetry-instrument") is var wrapper && File.Exists(wrapper)
            ? wrapper
            : null;
}

/// <summary>
/// Finds the gunicorn of an application: in its virtual environment, which is made if the application says what it needs, else that of
/// this machine.
/// </summary>
/// <param name="application">The application.</param>
/// <param name="given">The path of the program in the settings, or null.</param>
/// <param name="path">The <c>PATH</c>.</param>
internal sealed class PythonEnvironment(GunicornAnnotation application, string? given, string? path)
{
    private const string Gunicorn = "gunicorn";
    private const string Requirements = "requirements.txt";
    private const string Project = "pyproject.toml";
    private const string EnvironmentMarker = "pyvenv.cfg";

    /// <summary>The file in an environment made here: what was installed. It is empty until that is complete.</summary>
    private const string InstalledMarker = "installed-by-aspire";

    private static readonly string[] UsualEnvironments = [".venv", "venv"];

    /// <summary>A machine without a package index finds out within seconds.</summary>
    private static readonly Dictionary<string, string> Impatient = new()
    {
        ["PIP_RETRIES"] = "1",
        ["PIP_TIMEOUT"] = "5",
        ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1",
        ["UV_HTTP_TIMEOUT"] = "10",
        ["UV_HTTP_RETRIES"] = "1",
    };

    /// <summary>The requirements that could not be installed: a restart does not try the same again.</summary>
    private string? _notInstalled;

    /// <summary>The environment that the application has or gets, or null.</summary>
    private string? Environment => application.VirtualEnvironment
        ?? UsualEnvironments.Select(InFolder).FirstOrDefault(Exists)
        ?? (RequirementFiles.Any() ? InFolder(UsualEnvironments[0]) : null);

    private IEnumerable<string> RequirementFiles => new[] { InFolder(Requirements), InFolder(Project) }.Where(File.Exists);

    /// <summary>The Python that starts gunicorn: it need not be the one that runs it.</summary>
    public string Interpreter() =>
        given is null && Environment is { } environment && Exists(environment) ? Program(environment, "python3")
        : (given ?? Find(Gunicorn)) is { } program && InterpreterOf(program) is { } own ? own
        : Find("python3") ?? "python3";

    /// <summary>Finds gunicorn, and makes or updates the virtual environment before if that is needed.</summary>
    /// <exception cref="DistributedApplicationException">There is no gunicorn; the message is one line with the fix.</exception>
    public async Task<GunicornProgram> PrepareAsync(ILogger logger, CancellationToken cancellationToken)
    {
        if (given is not null)
        {
            return File.Exists(given)
                ? new(given, null)
                : throw new DistributedApplicationException($"Gunicorn:Path is {given}, which does not exist.");
        }

        if (Environment is not { } environment)
        {
            return OfMachine() ?? throw new DistributedApplicationException(
                $"gunicorn is not installed. Install it (Debian: apt-get install gunicorn), or list it in {InFolder(Requirements)}, "
                + "from which a virtual environment is made.");
        }

        if (!IsCurrent(environment) && _notInstalled == Fingerprint() && OfMachine() is { } known)
        {
            return known;
        }

        if (!IsCurrent(environment) && await MakeAsync(environment, logger, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            _notInstalled = Fingerprint();
            var message = $"The virtual environment {environment} cannot be made: {problem.TrimEnd('.')}.";
            if (OfMachine() is not { } other)
            {
                throw new DistributedApplicationException(
                    $"{message} Give this machine a package index, or install gunicorn (Debian: apt-get install gunicorn).");
            }

            Log.UsesOther(logger, message, other.Path);
            return other;
        }

        var program = Program(environment, Gunicorn);
        return File.Exists(program)
            ? new(program, environment)
            : throw new DistributedApplicationException(
                $"The virtual environment {environment} has no gunicorn: run {Program(environment, "python3")} -m pip install gunicorn");
    }

    private string? Find(string program) => PythonTool.Find(program, path);

    private GunicornProgram? OfMachine() => Find(Gunicorn) is { } program ? new(program, null) : null;

    private static bool Exists(string environment) => File.Exists(Path.Join(environment, EnvironmentMarker));

    private static string Program(string environment, string name) => Path.Join(environment, "bin", name);

    /// <summary>The interpreter in the first line of a script, or null.</summary>
    private static string? InterpreterOf(string script) =>
        File.Exists(script) && File.ReadLines(script).FirstOrDefault() is ['#', '!', '/', .. var rest]
        && $"/{rest}".Trim() is var interpreter
        && Path.GetFileName(interpreter).StartsWith("python", StringComparison.Ordinal)
        && File.Exists(interpreter)
            ? interpreter
            : null;

    private string InFolder(string name) => Path.Join(application.Folder, name);

    /// <summary>Whether an environment is complete. One that was not made here is its owner's to keep up to date.</summary>
    private bool IsCurrent(string environment)
    {
        var marker = Path.Join(environment, InstalledMarker);
        return Exists(environment) && (!File.Exists(marker) || File.ReadAllText(marker) == Fingerprint());
    }

    private string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in RequirementFiles)
        {
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <returns>Why it failed, in one line, or null.</returns>
    private async Task<string?> MakeAsync(string environment, ILogger logger, CancellationToken cancellationToken)
    {
        var uv = Find("uv");
        var isNew = !Exists(environment);
        Log.Making(logger, environment, uv ?? "pip");
        var last = "it has no Python: install python3";
        async Task<bool> RunAsync(string? program, params string[] arguments) =>
            program is not null
            && await PythonTool.RunAsync(program, arguments, application.Folder, Impatient, Show, cancellationToken)
                .ConfigureAwait(false) == 0;

        void Show(string line)
        {
            Log.Progress(logger, line);
            last = line.Trim() is { Length: > 0 } text ? text : last;
        }

        try
        {
            var isMade = !isNew || (uv is not null
                ? await RunAsync(uv, "venv", environment).ConfigureAwait(false)
                : await RunAsync(Find("python3"), "-m", "venv", environment).ConfigureAwait(false));
            if (isMade)
            {
                await File.WriteAllTextAsync(Path.Join(environment, InstalledMarker), "", cancellationToken).ConfigureAwait(false);
                string[] packages =
                    [.. File.Exists(InFolder(Requirements)) ? ["-r", Requirements] : ProjectPackages(uv), .. application.Packages];
                var python = Program(environment, "python3");
                isMade = uv is not null
                    ? await RunAsync(uv, ["pip", "install", "--python", python, .. packages]).ConfigureAwait(false)
                    : await RunAsync(python, ["-m", "pip", "install", .. packages]).ConfigureAwait(false);
            }

            if (isMade)
            {
                await File.WriteAllTextAsync(Path.Join(environment, InstalledMarker), Fingerprint(), cancellationToken)
                    .ConfigureAwait(false);
                isNew = false;
                return null;
            }

            return last;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
        finally
        {
            if (isNew && Directory.Exists(environment))
            {
                Directory.Delete(environment, recursive: true);
            }
        }
    }

    /// <summary>What a project needs: uv reads its list, and pip installs the project with it.</summary>
    private static string[] ProjectPackages(string? uv) => uv is null ? ["."] : ["-r", Project];
}

internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Making the virtual environment {Folder} with {Tool}")]
    public static partial void Making(ILogger logger, string folder, string tool);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Progress(ILogger logger, string line);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "{Problem} {Program} is used instead.")]
    public static partial void UsesOther(ILogger logger, string problem, string program);
}
