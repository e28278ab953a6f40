using FlaskStack.Bench.Processes;

namespace FlaskStack.Bench.Competitors;

/// <summary>Flask, gunicorn with gevent, supervisor and nginx.</summary>
/// <param name="setup">How it is configured.</param>
internal sealed class ArticleStack(IArticleSetup setup) : IWholeStack
{
    private const string Gunicorn = "gunicorn";
    private const string Nginx = "nginx";

    /// <inheritdoc/>
    public string Key => setup.Key;

    /// <inheritdoc/>
    public string Title => setup.Title;

    /// <inheritdoc/>
    public string ReloadTitle => setup.ReloadTitle;

    /// <inheritdoc/>
    public IReadOnlySet<string> ServingPrograms { get; } = new HashSet<string> { Nginx, Gunicorn };

    /// <inheritdoc/>
    public string ProcessPath => "/process";

    /// <inheritdoc/>
    public string WaitPath(int milliseconds) => $"/wait?ms={milliseconds}";

    /// <inheritdoc/>
    public IReadOnlySet<int> Workers()
    {
        var all = ProcessTree.Read().Where(row => row.Program == Gunicorn).ToList();
        var ids = all.Select(row => row.Id).ToHashSet();
        return all.Where(row => ids.Contains(row.Parent)).Select(row => row.Id).ToHashSet();
    }

    /// <inheritdoc/>
    public Task<RunningStack> StartAsync(Ground ground, CancellationToken cancellationToken)
    {
        ArticleService.Write(ground);
        ground.Write("gunicorn.py", setup.GunicornFile(ground));
        var configuration = ground.Write("supervisord.conf", SupervisorFile(ground));
        return CompetitorStart.RunAsync(ground, async stack =>
        {
            stack.Start([.. setup.Prefix, "/usr/bin/supervisord", "-n", "-c", configuration]);
            if (!setup.StartsNginx)
            {
                await stack.WaitUntilAsync(
                    _ => Task.FromResult(File.Exists(ground.At("supervisor.sock"))),
                    "open supervisor's socket",
                    cancellationToken);
                await ControlAsync(stack, ["start", Nginx], cancellationToken);
            }

            await stack.WaitUntilServingAsync(cancellationToken);
        });
    }

    /// <inheritdoc/>
    public Task ReloadAsync(RunningStack stack, CancellationToken cancellationToken) => setup.ReloadAsync(this, stack, cancellationToken);

    /// <summary>Runs <c>supervisorctl</c>.</summary>
    public static async Task ControlAsync(RunningStack stack, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var control = StackProcess.Start(
            ["/usr/bin/supervisorctl", "-c", stack.Ground.At("supervisord.conf"), .. arguments], stack.Ground.Folder, stack.LogFile);
        await control.WaitAsync(cancellationToken);
    }

    /// <summary>gunicorn's master: the one that no other gunicorn is the parent of.</summary>
    public static int Master() => Masters(Gunicorn);

    /// <summary>nginx's master.</summary>
    public static int NginxMaster() => Masters(Nginx);

    private static int Masters(string program)
    {
        var all = ProcessTree.Read().Where(row => row.Program == program).ToList();
        return all.Find(row => all.TrueForAll(other => other.Id != row.Parent))?.Id
            ?? throw new BenchException($"{program} does not run.");
    }

    private string SupervisorFile(Ground ground) => $"""
        [unix_http_server]
        file={ground.At("supervisor.sock")}

        [supervisord]
        logfile={ground.At("supervisord.log")}
        pidfile={ground.At("supervisord.pid")}
        childlogdir={ground.Folder}

        [rpcinterface:supervisor]
        supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

        [supervisorctl]
        serverurl=unix://{ground.At("supervisor.sock")}

        [program:flaskproj]
        command=/usr/bin/gunicorn -c gunicorn.py wsgi:app
        directory={ground.Folder}
        autostart=true
        autorestart=true
        {setup.SupervisorOptions}

        [program:nginx]
        {setup.NginxProgram(NginxFile.Write(ground, setup.NginxMain(ground), setup.NginxEvents(ground), setup.NginxHttp(ground)))}
        """;
}
