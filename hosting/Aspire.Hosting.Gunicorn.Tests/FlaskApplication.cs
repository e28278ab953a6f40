using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Gunicorn.Tests;

/// <summary>A small Flask application on the real gunicorn behind the real nginx, supervised.</summary>
internal sealed class FlaskApplication : IAsyncDisposable
{
    public const string Name = "flask";

    /// <summary>For everything that ends by itself; only a hang takes this long.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private const string Code = """
        import os
        import time

        from flask import Flask, request

        VERSION = "one"
        app = Flask(__name__)


        @app.get("/")
        def hello():
            return VERSION


        @app.post("/server")
        def server():
            return request.get_json()["data"]


        @app.get("/worker")
        def worker():
            return str(os.getpid())


        @app.get("/slow")
        def slow():
            time.sleep(float(request.args["s"]))
            return VERSION


        @app.get("/hang")
        def hang():
            while True:
                pass


        @app.get("/variable")
        def variable():
            return os.environ.get(request.args["name"], "")
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly EndpointReference _flask;
    private readonly EndpointReference _nginx;
    private readonly DistributedApplication _app;

    private FlaskApplication(Action<IResourceBuilder<GunicornAppResource>> configure, string? settings, string? code)
    {
        Write(code ?? Code);
        if (settings is not null)
        {
            _folder.WriteFile("gunicorn.conf.py", settings);
        }

        var builder = TestApplication.CreateBuilder();
        // The one of this machine has what the code needs.
        builder.Configuration["Gunicorn:Path"] = ExecutablePath.Find("gunicorn");
        var flask = builder.AddGunicornApp(Name, _folder.Path, "wsgi:app").WithWorkers(2).WithSupervisor();
        configure(flask);
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", flask).WithSupervisor().WaitFor(flask);
        (_flask, _nginx) = (flask.Resource.PrimaryEndpoint, nginx.Resource.PrimaryEndpoint);
        _app = builder.Build();
    }

    public HttpClient Client { get; private set; } = new();

    public Uri Address => new(_nginx.Url);

    public Uri OwnAddress => new(_flask.Url);

    public static async Task<FlaskApplication> StartAsync(
        Action<IResourceBuilder<GunicornAppResource>>? configure = null, string? settings = null, string? code = null)
    {
        var application = new FlaskApplication(configure ?? (static _ => { }), settings, code);
        try
        {
            await application._app.StartAsync().WaitAsync(Deadline);
            await application._app.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
            application.Client = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 5_000 })
            {
                BaseAddress = application.Address,
                Timeout = Deadline,
            };
            return application;
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins to start it, where it is not expected to become healthy.</summary>
    public static FlaskApplication Begin(string code)
    {
        var application = new FlaskApplication(static _ => { }, settings: null, code);
        _ = application._app.StartAsync();
        return application;
    }

    public Task<string> GetAsync(string path) => Client.GetStringAsync(new Uri(path, UriKind.Relative));

    /// <summary>Gives the application another version of its code.</summary>
    public void Change(string version, string more = "") =>
        Write(Code.Replace("\"one\"", $"\"{version}\"", StringComparison.Ordinal) + more);

    public void WriteSettings(string settings) => _folder.WriteFile("gunicorn.conf.py", settings);

    public Task<ExecuteCommandResult> ExecuteAsync(string command) =>
        _app.ResourceCommands.ExecuteCommandAsync(Name, command).WaitAsync(Deadline);

    /// <summary>Waits until the row of the application is as wanted.</summary>
    public async Task<CustomResourceSnapshot> WaitAsync(Func<CustomResourceSnapshot, bool> isWanted)
    {
        var seen = new ConcurrentQueue<string>();
        try
        {
            var change = await _app.ResourceNotifications.WaitForResourceAsync(Name, change =>
            {
                seen.Enqueue($"{change.Snapshot.State?.Text} {Property(change.Snapshot, "gunicorn.workers")}");
                return change.ResourceId != Name && isWanted(change.Snapshot);
            }).WaitAsync(Deadline);
            return change.Snapshot;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"It did not become as wanted; it was: {string.Join(", ", seen)}.");
        }
    }

    /// <summary>Waits for a number of workers.</summary>
    public Task<CustomResourceSnapshot> WaitForWorkersAsync(int count) => WaitAsync(
        row => Property(row, "gunicorn.workers") is string workers
            && workers == string.Create(CultureInfo.InvariantCulture, $"{count} of {count}"));

    public async Task<int> MasterAsync() => MasterOf(await WaitAsync(row => row.State?.Text == KnownResourceStates.Running));

    /// <summary>Waits for another master than one that was killed.</summary>
    public async Task<int> NextMasterAsync(int before) =>
        MasterOf(await WaitAsync(row => row.State?.Text == KnownResourceStates.Running && MasterOf(row) != before));

    /// <summary>Waits for a line in the console.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var row = await _app.ResourceNotifications
            .WaitForResourceAsync(Name, static change => change.ResourceId != Name)
            .WaitAsync(Deadline);
        await foreach (var lines in _app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(row.ResourceId)
            .WithCancellation(deadline.Token))
        {
            if (lines.FirstOrDefault(line => line.Content.Contains(text, StringComparison.Ordinal)) is { Content: { } found })
            {
                return found;
            }
        }

        throw new InvalidOperationException($"The console ended without '{text}'.");
    }

    public static object? Property(CustomResourceSnapshot row, string name) =>
        row.Properties.FirstOrDefault(property => property.Name == name)?.Value;

    /// <summary>The ids of the workers in the row.</summary>
    public static int[] WorkersOf(CustomResourceSnapshot row) =>
    [
        .. ((string[])Property(row, "gunicorn.workerList")!).Select(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture)),
    ];

    /// <summary>Waits for the end of processes, which are no children of this one.</summary>
    public static async Task WaitForEndAsync(params IEnumerable<int> processes)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (processes.Any(IsAlive))
        {
            await Task.Delay(20, deadline.Token);
        }
    }

    /// <summary>Whether a process runs: one that is dead, and whose parent has not asked for its code yet, does not.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            return status[status.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public Task StopAsync() => _app.StopAsync().WaitAsync(Deadline);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static int MasterOf(CustomResourceSnapshot row) =>
        Convert.ToInt32(Property(row, "executable.pid"), CultureInfo.InvariantCulture);

    /// <summary>Python compares whole seconds: what it has compiled of an older file of this length would count as current.</summary>
    private void Write(string code)
    {
        var file = _folder.WriteFile("wsgi.py", code);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddSeconds(-Random.Shared.Next(100_000)));
    }
}
