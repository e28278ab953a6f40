using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Hosting.Gunicorn.Configuration;

namespace Aspire.Hosting.Gunicorn.Processes;

/// <summary>The files of one application in the private folder of an AppHost.</summary>
/// <param name="folder">The folder.</param>
/// <param name="name">The name of the resource.</param>
internal sealed class RunFiles(string folder, string name)
{
    private const string LauncherName = "launch.py";

    /// <summary>The Unix socket of the application.</summary>
    public string Socket { get; } = Path.Join(folder, $"{name}.sock");

    /// <summary>The socket at which the launcher gets those of the application.</summary>
    public string Handover { get; } = Path.Join(folder, $"{name}.fds");

    /// <summary>gunicorn's configuration.</summary>
    public string Configuration { get; } = Path.Join(folder, $"{name}.conf.py");

    /// <summary>The program that starts gunicorn with the sockets.</summary>
    public string Launcher { get; } = Path.Join(folder, LauncherName);

    /// <summary>The number of workers that <c>scale-up</c> or <c>scale-down</c> has set; it outlives a reload and a restart.</summary>
    private string Count { get; } = Path.Join(folder, $"{name}.count");

    /// <summary>What the master says of itself.</summary>
    private string State { get; } = Path.Join(folder, $"{name}.state");

    /// <summary>The workers that have loaded the application, each with its master.</summary>
    private string Ready { get; } = Path.Join(folder, $"{name}.ready");

    /// <summary>Writes what a start needs.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Write(GunicornAnnotation application, IReadOnlyCollection<string> bind)
    {
        File.WriteAllText(Configuration, GunicornSettings.Render(name, application.Options, OwnFile(application), bind, Hooks()));
        File.WriteAllText(Launcher, ReadLauncher());
    }

    /// <summary>What the master has said of itself, or null before it has.</summary>
    public MasterState? ReadState() =>
        TryRead(State) is { Length: > 0 } text ? JsonSerializer.Deserialize(text, MasterStateContext.Default.MasterState) : null;

    /// <summary>The workers of a master that have loaded the application.</summary>
    public IReadOnlySet<int> ReadReady(int master) => (TryRead(Ready) ?? string.Empty)
        .Split('\n')
        .Select(static line => line.Trim('\0', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(line => line is [var owner, _] && owner == master.ToString(CultureInfo.InvariantCulture))
        .Select(static line => int.Parse(line[1], CultureInfo.InvariantCulture))
        .ToHashSet();

    /// <summary>Whether the application's configuration file is another one than gunicorn has read.</summary>
    public bool IsConfigurationOutdated(GunicornAnnotation application) =>
        OwnFile(application) is { } own && File.GetLastWriteTimeUtc(own) > File.GetLastWriteTimeUtc(Configuration);

    /// <summary>Keeps the number of workers for the next reload or restart.</summary>
    public void Keep(int workers) => File.WriteAllText(Count, workers.ToString(CultureInfo.InvariantCulture));

    /// <summary>The hooks by which gunicorn reports to the AppHost. Those of the application are called too.</summary>
    /// <remarks>
    /// A worker opens the file before it becomes another user. The signal at the master's end (<c>PR_SET_PDEATHSIG</c>) is lost by that
    /// change, so it is set after it.
    /// </remarks>
    private string Hooks() => $$"""

        # Reports to the AppHost, and the end of workers whose master is killed
        import ctypes
        import json
        import sys

        if os.path.exists({{GunicornSettings.Text(Count)}}):
            with open({{GunicornSettings.Text(Count)}}, encoding="ascii") as _count:
                workers = int(_count.read())

        _own_hooks = {hook: globals().get(hook) for hook in ("nworkers_changed", "post_fork", "post_worker_init")}


        def _call_own(hook, *arguments):
            if _own_hooks[hook]:
                _own_hooks[hook](*arguments)


        def nworkers_changed(server, new_value, old_value):
            state = {
                "workers": new_value,
                "worker_class": server.cfg.worker_class_str,
                "graceful_timeout": server.cfg.graceful_timeout,
                "preload": server.cfg.preload_app,
            }
            with open({{GunicornSettings.Text(State)}} + ".new", "w", encoding="ascii") as file:
                json.dump(state, file)
            os.replace({{GunicornSettings.Text(State)}} + ".new", {{GunicornSettings.Text(State)}})
            _call_own("nworkers_changed", server, new_value, old_value)


        def post_fork(server, worker):
            worker.aspire_ready = os.open({{GunicornSettings.Text(Ready)}}, os.O_WRONLY | os.O_CREAT, 0o600)
            _call_own("post_fork", server, worker)


        def post_worker_init(worker):
            if sys.platform == "linux":
                ctypes.CDLL(None).prctl(1, 15)
            # One line for each of the last thousand workers.
            line = b"%10d %10d\n" % (os.getppid(), os.getpid())
            os.pwrite(worker.aspire_ready, line, worker.age % 1000 * len(line))
            os.close(worker.aspire_ready)
            _call_own("post_worker_init", worker)

        """;

    private static string? OwnFile(GunicornAnnotation application) =>
        Path.GetFullPath(application.Options.ConfigurationFile ?? GunicornSettings.UsualFile, application.Folder) is var own
        && File.Exists(own)
            ? own
            : null;

    private static string ReadLauncher()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(LauncherName)!);
        return reader.ReadToEnd();
    }

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>What gunicorn's master says of itself.</summary>
/// <param name="Workers">The number of workers that it keeps.</param>
/// <param name="WorkerClass">Their kind.</param>
/// <param name="GracefulTimeout">How many seconds workers have to answer the requests that they have.</param>
/// <param name="Preload">Whether the master itself has loaded the application.</param>
internal sealed record MasterState(int Workers, string WorkerClass, int GracefulTimeout, bool Preload);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MasterState))]
internal sealed partial class MasterStateContext : JsonSerializerContext;
