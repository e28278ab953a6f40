using System.Diagnostics;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Deployment.Tests;

/// <summary>A Python application that gunicorn runs, on each target.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PythonTests
{
    private const string Unit = "etc/systemd/system/shop-flask@.service";

    [Fact]
    public async Task A_server_gets_code_unit_and_a_script_that_makes_the_virtual_environment()
    {
        using var files = await PublishedFiles.WriteAsync("publish-server", static builder =>
        {
            builder.AddSystemdTarget("server", static server => server.ApplicationName = "shop");
            builder.AddNginx("nginx", 8080).WithReverseProxy("/", AddFlask(builder));
        });

        Assert.Equal(
            ["gunicorn.aspire.py", "gunicorn.conf.py", "requirements.txt", "start-gunicorn", "wsgi.py"],
            files.Paths.Where(path => path.StartsWith("code/", StringComparison.Ordinal)).Select(path => path["code/flask/".Length..]));
        Assert.EndsWith(
            "exec \"$gunicorn\" --config gunicorn.aspire.py wsgi:app\n", files["code/flask/start-gunicorn"], StringComparison.Ordinal);
        string[] lines =
        [
            "Type=notify",
            "ExecStart=/opt/shop/flask/current/start-gunicorn",
            "ExecReload=/bin/kill -HUP $MAINPID",
            "KillMode=mixed",
            "Environment=GUNICORN_BIND=unix:/run/shop/flask-%i/http.sock",
            "Environment=COLOR=blue",
            "Restart=always",
            "DynamicUser=yes",
            "Requires=shop-flask@%i.socket",
            "SystemCallFilter=@chown @setuid",
        ];
        Assert.All(lines, line => Assert.Contains($"\n{line}\n", files[Unit], StringComparison.Ordinal));
        // gunicorn is ready before its workers have imported the application.
        Assert.Contains("\n    sleep 5\n", files["deploy.sh"], StringComparison.Ordinal);
        Assert.DoesNotContain("WatchdogSec", files[Unit], StringComparison.Ordinal);
        Assert.DoesNotContain("ASPNETCORE", files[Unit], StringComparison.Ordinal);
        Assert.Contains("flask) packages='gunicorn[gevent]'", files["deploy.sh"], StringComparison.Ordinal);
        Assert.Contains("sudo ./deploy.sh flask code/flask\n", files["README.md"], StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet publish", files["README.md"], StringComparison.Ordinal);
        Assert.Contains("unix:/run/shop/flask-1/http.sock", files["etc/nginx/sites-available/shop.conf"], StringComparison.Ordinal);
        await AssertShellAsync(Path.Join(files.Folder, "deploy.sh"), Path.Join(files.Folder, "code/flask/start-gunicorn"));
    }

    [Fact]
    public async Task Compose_and_a_cluster_get_an_image_of_it()
    {
        using var compose = await WriteAsync("publish-compose", static builder => builder.AddComposeTarget("compose"));
        Assert.Contains("FROM docker.io/library/python:", compose["flask/Dockerfile"], StringComparison.Ordinal);
        Assert.Contains(
            "pip install --no-cache-dir -r requirements.txt gunicorn[gevent]\n", compose["flask/Dockerfile"], StringComparison.Ordinal);
        Assert.Contains(
            """CMD ["gunicorn", "--config", "gunicorn.aspire.py", "wsgi:app"]""", compose["flask/Dockerfile"], StringComparison.Ordinal);
        Assert.Contains("import flask", compose["flask/app/wsgi.py"], StringComparison.Ordinal);
        Assert.DoesNotContain(compose.Paths, path => path.StartsWith("flask/app/.", StringComparison.Ordinal));

        using var cluster = await WriteAsync("publish-k8s", static builder => builder.AddKubernetesTarget("k8s"));
        Assert.Contains(cluster.Paths, path => cluster[path].Contains("containerPort: 8000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_configuration_file_outside_its_folder_is_refused()
    {
        var error = await PublishedFiles.ErrorAsync("publish-server", static builder =>
        {
            builder.AddSystemdTarget("server", static server => server.ApplicationName = "shop");
            AddFlask(builder).WithGunicorn(static gunicorn => gunicorn with { ConfigurationFile = "../outside.py" });
        });

        Assert.Contains("outside.py is not in its folder", error, StringComparison.Ordinal);
    }

    private static Task<PublishedFiles> WriteAsync(string step, Action<IDistributedApplicationBuilder> addTarget) =>
        PublishedFiles.WriteAsync(step, builder =>
        {
            addTarget(builder);
            AddFlask(builder);
        });

    private static IResourceBuilder<GunicornAppResource> AddFlask(IDistributedApplicationBuilder builder)
    {
        var folder = Directory.CreateDirectory(Path.Join(builder.AppHostDirectory, "flask")).FullName;
        File.WriteAllText(Path.Join(folder, "wsgi.py"), "import flask\napp = flask.Flask(__name__)\n");
        File.WriteAllText(Path.Join(folder, "gunicorn.conf.py"), "timeout = 20\n");
        File.WriteAllText(Path.Join(folder, "requirements.txt"), "flask\n");
        File.WriteAllText(Path.Join(folder, ".env"), "SECRET=1\n");
        File.WriteAllText(Path.Join(builder.AppHostDirectory, "outside.py"), "");
        Directory.CreateDirectory(Path.Join(folder, ".venv"));
        File.WriteAllText(Path.Join(folder, ".venv", "pyvenv.cfg"), "");
        return builder.AddGunicornApp("flask", folder, "wsgi:app")
            .WithWorkerClass("gevent")
            .WithEnvironment("COLOR", "blue")
            .WithHttpHealthCheck("/")
            .WithSupervisor();
    }

    private static async Task AssertShellAsync(params string[] scripts)
    {
        foreach (var script in scripts)
        {
            using var check = Process.Start("sh", ["-n", script]);
            await check.WaitForExitAsync();
            Assert.Equal(0, check.ExitCode);
        }
    }
}
