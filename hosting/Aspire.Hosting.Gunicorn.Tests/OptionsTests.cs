using System.Diagnostics;
using Aspire.Hosting.Gunicorn.Configuration;

namespace Aspire.Hosting.Gunicorn.Tests;

/// <summary>What the AppHost may set, and the settings that come of it.</summary>
public sealed class OptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_file_of_the_application_wins_over_defaults_and_the_apphost_over_that_file()
    {
        var settings = GunicornSettings.Render(
            "flask",
            new() { Workers = 3, Timeout = TimeSpan.FromMinutes(1), Preload = true, JoinHeaders = false },
            "/srv/é\"/gunicorn.conf.py",
            ["unix:/run/a.sock"]);

        Assert.Equal(
            """"
            # gunicorn's settings of flask, written by the AppHost. Later ones win over earlier ones, and
            # the variable GUNICORN_CMD_ARGS over all of them.
            import os

            # Defaults
            workers = int(os.environ.get("WEB_CONCURRENCY") or 2 * (os.cpu_count() or 1) + 1)
            keepalive = 5
            # Only the Unix socket is trusted with forwarded headers: every user of a machine can reach a port.
            forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "")

            # The application's own
            __file__ = "/srv/é\"/gunicorn.conf.py"
            with open(__file__, encoding="utf-8") as _own:
                exec(compile(_own.read(), __file__, "exec"))

            # Set by the AppHost
            workers = 3
            timeout = 60
            preload_app = True
            bind = ["unix:/run/a.sock"]
            daemon = False

            """",
            settings);
    }

    /// <remarks>gunicorn reads its configuration again at each reload.</remarks>
    [GunicornFact]
    public async Task Headers_are_sent_with_the_first_part_of_the_body()
    {
        _folder.WriteFile("settings.py", GunicornSettings.Render("flask", new(), null, []));
        _folder.WriteFile("responses.py", """
            from gunicorn.config import Config
            from gunicorn.http import wsgi

            class Connection:
                def __init__(self):
                    self.parts = []

                def sendall(self, data):
                    self.parts.append(bytes(data))

            class Request:
                method, version = "GET", (1, 1)
                should_close = staticmethod(lambda: False)

            for _ in range(2):
                exec(open("settings.py").read())

            for parts in ([b"ab", b"c"], [b"x" * 65537]):
                connection = Connection()
                response = wsgi.Response(Request, connection, Config())
                response.start_response("200 OK", [("Content-Length", str(sum(map(len, parts))))])
                for part in parts:
                    response.write(part)
                response.close()
                print(*(f"{part[:8].decode()}...{len(part.partition(bytes([13, 10]) * 2)[2])}" for part in connection.parts))
            """);

        var python = File.ReadLines(ExecutablePath.Find("gunicorn")!).First().TrimStart('#', '!').Trim();
        using var process = Process.Start(new ProcessStartInfo(python, "responses.py")
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal("HTTP/1.1...2 c...0\nHTTP/1.1...0 xxxxxxxx...0\n", output);
    }

    [Fact]
    public void Names_every_option_that_is_out_of_range()
    {
        var builder = TestApplication.CreateBuilder();
        var flask = builder.AddGunicornApp("flask", _folder.Path, "wsgi:app");

        var error = Assert.Throws<DistributedApplicationException>(() => flask.WithGunicorn(gunicorn => gunicorn with
        {
            Workers = 0,
            Threads = 1_001,
            Timeout = TimeSpan.FromSeconds(1.5),
            GracefulTimeout = TimeSpan.FromDays(1),
            WorkerClass = " ",
            ConfigurationFile = "none.py",
        }));

        string[] options = ["Workers", "Threads", "Timeout is 1.5 s", "GracefulTimeout", "WorkerClass", "none.py", "'flask'"];
        Assert.All(options, option => Assert.Contains(option, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no-such-folder", "wsgi:app", "does not exist")]
    [InlineData(".", "--daemon", "wsgi:app")]
    [InlineData(".", "wsgi: app", "wsgi:app")]
    public void Refuses_what_is_no_application(string folder, string application, string text)
    {
        var builder = TestApplication.CreateBuilder();

        var error = Assert.Throws<DistributedApplicationException>(
            () => builder.AddGunicornApp("flask", Path.Join(_folder.Path, folder), application));

        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
