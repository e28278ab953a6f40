using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace FlaskStack.Bench;

/// <summary>A command that a competitor consists of, with <c>${…}</c> as in its templates.</summary>
internal sealed record Part(string Command, bool PerReplica = false, bool IsBatch = true)
{
    public IReadOnlyList<(string Name, string Value)> Environment { get; init; } = [];

    /// <summary>How long after its end it is started again, as systemd does; null for never.</summary>
    public TimeSpan? RestartDelay { get; init; }

    /// <summary>A folder that is emptied at each start, as systemd's <c>RuntimeDirectory</c> is.</summary>
    public string? RuntimeFolder { get; init; }

    /// <summary>Where it runs, if not in the stack's folder: a service reads its settings there.</summary>
    public string? WorkingFolder { get; init; }
}

/// <summary>A stack that is measured.</summary>
/// <param name="Key">Its name in options and results.</param>
/// <param name="Title">Its name in tables and pictures.</param>
/// <param name="Serves">A pattern of the programs that take part in answering a request.</param>
/// <param name="Worker">The program that executes requests; its children, where it has some of the same name.</param>
internal sealed record Competitor(string Key, string Title, string Serves, string Worker)
{
    public const string Ours = "flaskstack";
    private const string Nginx = "/usr/sbin/nginx -c ${folder}/nginx.conf";
    private const string Kestrel = "FlaskStack.Bench.Hello";
    private const string Api = "FlaskStack.TestApi";
    private const string Hello = "${repository}/bench/FlaskStack.Bench.Hello/bin/Release/net10.0/" + Kestrel;
    private const string OurPrograms = $"^(nginx: |{Api})";
    private const string Supervisor = "/usr/bin/supervisord -n -c ${folder}/supervisord.conf";
    private static readonly TimeSpan Restart = TimeSpan.FromMilliseconds(50);
    public static IReadOnlyList<Competitor> All { get; } =
    [
        new("article", "article", "^(nginx: |gunicorn)", "gunicorn")
        {
            Templates = ["supervisord.conf", "article.gunicorn.py", "article.nginx.conf>nginx.conf", "wsgi.py"],
            Parts = [new(Supervisor, IsBatch: false), new("sh ${folder}/start.sh", IsBatch: false)],
            Scripts = { ["start.sh"] = "until supervisorctl -c ${folder}/supervisord.conf start nginx; do sleep 0.05; done" },
            Variables =
            {
                ["gunicorn"] = "/usr/bin/gunicorn -c article.gunicorn.py wsgi:app",
                ["gunicorn-options"] = "startsecs=0\nstopwaitsecs=0",
                ["nginx-options"] = "autostart=false\nautorestart=false\nstartsecs=0",
            },
            Reload = "supervisorctl -c ${folder}/supervisord.conf reload",
            HasFaults = true,
        },
        new("article-tuned", "article, tuned", "^(nginx: |gunicorn)", "gunicorn")
        {
            Templates = ["supervisord.conf", "proxy.nginx.conf>nginx.conf", "wsgi.py"],
            Parts = [new(Supervisor)],
            Scripts = { ["reload.sh"] = "kill -HUP $(cat ${folder}/gunicorn.pid) $(cat ${folder}/nginx.pid)" },
            Member = "server 127.0.0.1:${tcp-gunicorn} max_fails=0;", Members = 1,
            Variables =
            {
                ["gunicorn"] = "/usr/bin/gunicorn -b 127.0.0.1:${tcp-gunicorn} -w ${twice-cpus} -k gevent --worker-connections 10000"
                    + " --backlog 8192 --keep-alive 75 -p ${folder}/gunicorn.pid --log-level warning wsgi:app",
                ["gunicorn-options"] = "stopwaitsecs=35\nkillasgroup=true",
                ["nginx-options"] = "autostart=true\nautorestart=true\nstopsignal=QUIT\nkillasgroup=true",
                ["location"] = "add_header Access-Control-Allow-Origin *; add_header Access-Control-Allow-Methods 'GET, POST, OPTIONS';"
                    + " proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
            },
            Reload = "sh ${folder}/reload.sh",
            HasFaults = true, HasHttps = true,
        },
        new("uvicorn", "FastAPI, uvicorn", "^(nginx: |-m$|-c$)", "-c")
        {
            Templates = ["proxy.nginx.conf>nginx.conf", "asgi.py"],
            Parts =
            [
                new("/usr/bin/python3 -m uvicorn --workers ${cpus} --uds ${folder}/uvicorn --backlog 8192 --log-level warning"
                    + " --no-access-log asgi:app"),
                new(Nginx),
            ],
            Member = "server unix:${folder}/uvicorn max_fails=0;", Members = 1,
            HasHttps = true,
        },
        new("yarp", "YARP", $"^({Kestrel}|{Api})", Api)
        {
            Parts =
            [
                new(Hello + " yarp --urls=http://127.0.0.1:${port};https://127.0.0.1:${tcp-https} --Logging:LogLevel:Default=Warning"
                    + " --Kestrel:Certificates:Default:Path=${certificate}.pem --Kestrel:Certificates:Default:KeyPath=${certificate}.key"
                    + " --ReverseProxy:Routes:api:ClusterId=api --ReverseProxy:Routes:api:Match:Path={**path} ${members}")
                { RestartDelay = Restart },
            ],
            Member = "--ReverseProxy:Clusters:api:Destinations:${n}:Address=http://127.0.0.1:${tcp-${n}}",
            Unit = "http://127.0.0.1:${tcp-${n}}",
            Proxy = Kestrel,
            HasFaults = true, HasHttps = true,
        },
        new("aspire", "WithReplicas", $"^(dcp|{Api})$", Api)
        {
            Parts = [AppHost("bench/FlaskStack.Bench.AppHost", "--Port=${port} --Replicas=${replicas}")],
            Proxy = null,
            HasFaults = true,
        },
        new("nginx", "nginx alone", "^nginx: ", "nginx: worker")
        {
            Templates = ["hello.nginx.conf>nginx.conf"],
            Parts = [new(Nginx)],
            Variables = { ["hello"] = "127.0.0.1:${port} backlog=4096 reuseport" },
            IsService = false,
        },
        new("nginx-nginx", "nginx → nginx", "^nginx: ", "nginx: worker")
        {
            Templates = ["proxy.nginx.conf>nginx.conf", "hello.nginx.conf"],
            Parts = [new("/usr/sbin/nginx -c ${folder}/hello.nginx.conf"), new(Nginx)],
            Variables = { ["hello"] = "unix:${folder}/hello" },
            Member = "server unix:${folder}/hello max_fails=0;", Members = 1,
            IsService = false,
        },
        NginxKestrel("nginx-kestrel", "nginx → Kestrel", isBatch: false),
        NginxKestrel("nginx-kestrel-batch", "nginx → Kestrel, batch", isBatch: true),
        new(Ours, "FlaskStack", OurPrograms, Api)
        {
            Parts = [AppHost("FlaskStack.AppHost", "--Nginx:Port=${port} --Api:Replicas=${replicas} --Dashboard:Enabled=false")],
            Reload = "kill -HUP ${pid}",
            HasFaults = true, HasHttps = true,
        },
        new("flaskstack-telemetry", "with telemetry", OurPrograms, Api)
        {
            Parts = [AppHost("FlaskStack.AppHost", "--Nginx:Port=${port} --Api:Replicas=${replicas} --Dashboard:Enabled=true")],
        },
        new("flaskstack-server", "on a server", OurPrograms, Api)
        {
            Templates = ["server.nginx.conf>nginx.conf"],
            Parts = [new(Nginx) { RestartDelay = Restart }],
            Unit = "http://unix:${folder}/api-${n}/http.sock",
            HasFaults = true,
        },
    ];

    /// <summary>Files written into its folder: a template's name, and after <c>&gt;</c> the file's, if it is another.</summary>
    public IReadOnlyList<string> Templates { get; init; } = [];
    public IReadOnlyList<Part> Parts { get; init; } = [];
    public Dictionary<string, string> Scripts { get; } = [];
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>What <c>${members}</c> stands for: this, once for each replica or so many times.</summary>
    public string Member { get; init; } = "";
    public int? Members { get; init; }

    /// <summary>The address of the native replicas, which run as in the unit that <c>publish-systemd</c> writes; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>The command of its reload, and the program whose first process is the proxy; null where that is not comparable.</summary>
    public string? Reload { get; init; }
    public string? Proxy { get; init; } = "nginx: master";

    /// <summary>Whether it has <c>POST /server</c> and the paths for tests, not only <c>GET /</c>.</summary>
    public bool IsService { get; init; } = true;
    public bool HasFaults { get; init; }
    public bool HasHttps { get; init; }

    private static Competitor NginxKestrel(string key, string title, bool isBatch) => new(key, title, $"^(nginx: |{Kestrel})", Kestrel)
    {
        Templates = ["proxy.nginx.conf>nginx.conf"],
        Parts = [new(Hello + " --urls=http://unix:${folder}/${n}", PerReplica: true, isBatch), new(Nginx, IsBatch: isBatch)],
        Member = "server unix:${folder}/${n} max_fails=0;",
        IsService = false,
        HasHttps = !isBatch,
    };

    /// <summary>The built AppHost, in the environment that a launch profile gives it, on ports and in folders of its own.</summary>
    private static Part AppHost(string project, string arguments) => new(
        $"env --default-signal=HUP ${{repository}}/{project}/bin/Release/net10.0/{Path.GetFileName(project)} {arguments}", IsBatch: false)
    {
        Environment =
        [
            ("DOTNET_ENVIRONMENT", "Development"), ("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true"),
            ("ASPNETCORE_URLS", "http://localhost:${tcp-dashboard}"),
            ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://localhost:${tcp-otlp}"),
            ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "http://localhost:${tcp-resources}"),
            ("XDG_RUNTIME_DIR", "${folder}"), ("TMPDIR", "${folder}"), ("HOME", "${home}"),
            ("SSL_CERT_DIR", "${home}/.aspnet/dev-certs/trust:/etc/ssl/certs"),
            ("Api__Executable", $"${{repository}}/hosting/TestSupport/TestApi/bin/Release/net10.0/{Api}"),
        ],
    };
}

internal sealed partial class Ground
{
    private static readonly HashSet<int> UsedPorts = [];
    private static readonly string[] Temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    private readonly Dictionary<string, string> _values;

    public Ground(Competitor competitor, RunFolder site)
    {
        // The dot ends the name: processes are found by it, and "nginx" would also find those of "nginx-nginx".
        Folder = Directory.CreateDirectory(Path.Combine(site.Folder, competitor.Key + ".d")).FullName;
        var cpus = Environment.ProcessorCount;
        Replicas = Math.Clamp(cpus, 2, 8);
        _values = new(competitor.Variables)
        {
            ["folder"] = Folder,
            ["repository"] = site.Repository,
            ["home"] = site.Home,
            ["certificate"] = site.Certificate,
            ["native"] = site.NativeApi,
            ["files"] = site.FileLimit,
            ["port"] = $"{Port}",
            ["cpus"] = $"{cpus}",
            ["twice-cpus"] = $"{2 * cpus}",
            ["replicas"] = $"{Replicas}",
            // Only root can change to another user, and nginx's workers must reach the sockets of the others.
            ["main"] = (Environment.IsPrivilegedProcess ? "user root; " : "") + "worker_processes auto; pid ${folder}/nginx.pid;"
                + " error_log ${folder}/nginx-error.log;",
            ["temp"] = string.Join(' ', Temporary.Select(kind => $"{kind}_temp_path ${{folder}}/{kind};")),
        };
        _values.TryAdd("location", "");
        Parts = [.. competitor.Parts, .. ReadUnit(competitor, site)];
        _values["members"] = string.Join(
            ' ', Enumerable.Range(1, competitor.Members ?? Replicas).Select(number => Expand(competitor.Member, number)));
        foreach (var names in competitor.Templates.Select(template => template.Split('>')))
        {
            File.WriteAllText(Path.Combine(Folder, names[^1]), Expand(File.ReadAllText(RunFolder.TemplatePath(names[0]))));
        }

        foreach (var (name, text) in competitor.Scripts)
        {
            File.WriteAllText(Path.Combine(Folder, name), Expand(text));
        }
    }

    public string Folder { get; }
    public int Port { get; } = FreePort();
    public int Replicas { get; }
    public IReadOnlyList<Part> Parts { get; }

    public int HttpsPort(string? nginxConfiguration) =>
        _values.TryGetValue("tcp-https", out var given) ? int.Parse(given, CultureInfo.InvariantCulture)
        : nginxConfiguration is not null && HttpsListen().Match(nginxConfiguration) is { Success: true } listen
            ? int.Parse(listen.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new BenchException($"{Path.GetFileName(Folder)} serves no HTTPS: is the developer certificate missing?");

    public void SetProcess(int id) => _values["pid"] = $"{id}";

    public string Expand(string text, int replica = 0)
    {
        text = text.Replace("${n}", $"{replica}", StringComparison.Ordinal);
        while (Variable().Match(text) is { Success: true } match)
        {
            text = text.Replace(match.Value, Value(match.Groups[1].Value), StringComparison.Ordinal);
        }

        return text;
    }

    private string Value(string name)
    {
        if (name.StartsWith("tcp-", StringComparison.Ordinal))
        {
            _values.TryAdd(name, $"{FreePort()}");
        }

        return _values.TryGetValue(name, out var value)
            ? value
            : throw new BenchException($"A template of {Path.GetFileName(Folder)} has ${{{name}}}, which has no value.");
    }

    /// <summary>
    /// Replicas as systemd would start them: command, environment, scheduling and restart of the published unit; and the published site,
    /// both with this folder in the place of the system's.
    /// </summary>
    private IEnumerable<Part> ReadUnit(Competitor competitor, RunFolder site)
    {
        if (competitor.Unit is not { } address)
        {
            return [];
        }

        string Local(string text) => text.Replace("/run/flaskstack", Folder, StringComparison.Ordinal)
            .Replace("/etc/nginx/flaskstack", site.Published + "/etc/nginx/flaskstack", StringComparison.Ordinal)
            .Replace("%i", "${n}", StringComparison.Ordinal);
        _values["site"] = Listen().Replace(
            Local(File.ReadAllText(site.Published + "/etc/nginx/sites-available/flaskstack.conf")),
            match => $"listen {(match.Groups[1].Value == "*" ? "127.0.0.1" : "[::1]")}:{Port}");
        var unit = File.ReadAllLines(site.Published + "/etc/systemd/system/flaskstack-api@.service");
        string Setting(string name) => unit.First(line => line.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];
        var environment = unit.Where(line => line.StartsWith("Environment=", StringComparison.Ordinal))
            .Select(line => Local(line).Split('=', 3)[1..])
            .Select(pair => (pair[0], pair[0] == "ASPNETCORE_URLS" ? address : pair[1]));
        return
        [
            new("${native}", PerReplica: true, IsBatch: Setting("CPUSchedulingPolicy") == "batch")
            {
                Environment = [.. environment],
                RestartDelay = Seconds(Setting("RestartSec")),
                RuntimeFolder = Local("/run/" + Setting("RuntimeDirectory")),
                WorkingFolder = Path.GetDirectoryName(site.NativeApi),
            },
        ];
    }

    private static TimeSpan Seconds(string text) => text.EndsWith("ms", StringComparison.Ordinal)
        ? TimeSpan.FromMilliseconds(double.Parse(text[..^2], CultureInfo.InvariantCulture))
        : TimeSpan.FromSeconds(double.Parse(text.TrimEnd('s'), CultureInfo.InvariantCulture));

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return UsedPorts.Add(port) ? port : FreePort();
    }

    [GeneratedRegex(@"\$\{([a-z0-9-]+)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"listen (\*|\[::\]):\d+")]
    private static partial Regex Listen();

    [GeneratedRegex(@"listen 127\.0\.0\.1:(\d+) ssl")]
    private static partial Regex HttpsListen();
}
