using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.Dashboard.Provisioning;
using Aspire.Hosting.Orchestration.Processes;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Tests.Hosting.Dashboard;

/// <summary>Fetching with a stand-in for npm, which installs a stand-in for the CLI.</summary>
[SupportedOSPlatform("linux")]
public sealed class FetcherTests : IAsyncDisposable
{
    private const string InstallCli = """
        bin="$3/node_modules/@microsoft/aspire-cli-linux-x64/bin"
        mkdir -p "$5" "$bin"
        cat > "$bin/aspire" <<'END'
        #!/bin/sh
        mkdir -p "$3/versions/13.5.4_x/managed/wwwroot" "$3/versions/13.5.4_x/dcp"
        echo "$HOME" > "$3/versions/13.5.4_x/managed/home"
        echo dashboard > "$3/versions/13.5.4_x/managed/aspire-managed"
        END
        chmod +x "$bin/aspire"
        """;

    private static readonly DashboardPackage Package = new("linux-x64", "13.5.4");

    private readonly TemporaryFolder _folder = new();
    private readonly RunIdentity _identity = new();
    private readonly ProcessGuard _guard;
    private readonly LeftoverRegistry _leftovers;
    private readonly ProcessLauncher _launcher;
    private readonly RecordingLoggerProvider _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly DashboardCache _cache;

    public FetcherTests()
    {
        _guard = new ProcessGuard(_identity, TimeProvider.System, NullLogger<ProcessGuard>.Instance);
        _leftovers = new LeftoverRegistry(_identity, _folder["state"], NullLogger<LeftoverRegistry>.Instance);
        _launcher = new ProcessLauncher(_identity, _guard, _leftovers, new ChildScheduling(SchedulingPolicy.Batch), TimeProvider.System, NullLogger<ProcessLauncher>.Instance);
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _cache = new DashboardCache(_folder["cache"]);
    }

    public async ValueTask DisposeAsync()
    {
        _leftovers.Dispose();
        await _guard.DisposeAsync();
        _loggers.Dispose();
        _log.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Keeps_the_dashboard_and_nothing_else()
    {
        WriteNpm(InstallCli);

        var path = await FetchAsync();

        Assert.Equal(_cache.ExecutableOf(Package), path);
        Assert.Equal("dashboard\n", await File.ReadAllTextAsync(path));
        Assert.Equal(["13.5.4-linux-x64", "lock"], Directory.EnumerateFileSystemEntries(_cache.Folder).Select(Path.GetFileName).Order());
        Assert.Equal(["aspire-managed", "home", "wwwroot"], Directory.EnumerateFileSystemEntries(_cache.EntryOf(Package)).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Unpacks_away_from_the_users_own_home()
    {
        WriteNpm(InstallCli);

        await FetchAsync();

        var home = await File.ReadAllTextAsync(Path.Combine(_cache.EntryOf(Package), "home"));
        Assert.StartsWith(_cache.Folder, home, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_in_a_few_lines_what_it_does()
    {
        WriteNpm(InstallCli);

        await FetchAsync();

        Assert.Collection(
            _log.Lines,
            line => Assert.Contains("@microsoft/aspire-cli-linux-x64@13.5.4", line.Text, StringComparison.Ordinal),
            line => Assert.Contains("Unpacking", line.Text, StringComparison.Ordinal),
            line => Assert.Contains(_cache.Folder, line.Text, StringComparison.Ordinal));
        Assert.All(_log.Lines, line => Assert.Equal("Aspire.Hosting.DistributedApplication", line.Category));
    }

    [Fact]
    public async Task Tells_what_npm_complains_of_and_keeps_nothing()
    {
        WriteNpm("""
            echo "npm error code ENOTFOUND" >&2
            echo "npm error network request to https://registry.example/ failed" >&2
            echo "npm error A complete log of this run can be found in: x" >&2
            exit 1
            """);

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => FetchAsync());

        Assert.Equal("npm ended with code 1: network request to https://registry.example/ failed", error.Message);
        Assert.Equal(["lock"], Directory.EnumerateFileSystemEntries(_cache.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Tells_that_there_is_no_npm()
    {
        Directory.CreateDirectory(_folder["bin"]);

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => FetchAsync());

        Assert.Contains("npm", error.Message, StringComparison.Ordinal);
        Assert.Contains("not installed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_that_there_is_none_for_this_kind_of_machine()
    {
        WriteNpm(InstallCli);

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => FetchAsync(new DashboardPackage("freebsd-x64", "13.5.4")));

        Assert.Contains("freebsd-x64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_that_the_package_held_no_dashboard()
    {
        WriteNpm(InstallCli.Replace("echo dashboard >", ": #", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => FetchAsync());

        Assert.Contains("holds no dashboard", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_cache.EntryOf(Package)));
    }

    [Fact]
    public async Task Ends_npm_and_what_it_started_at_once_when_the_application_stops()
    {
        var pipe = _folder["started"];
        WriteNpm($"sleep 600 & echo $$ $! > '{pipe}.new'; mv '{pipe}.new' '{pipe}'; wait");
        using var watcher = new FileSystemWatcher(_folder.Path, "started");
        var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Renamed += (_, _) => created.TrySetResult();
        watcher.EnableRaisingEvents = true;
        using var stopping = new CancellationTokenSource();

        var fetching = FetchAsync(cancellationToken: stopping.Token);
        await created.Task.InTime();
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching.InTime());
        var processes = (await File.ReadAllTextAsync(pipe)).Split(' ').Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture));
        Assert.All(processes, id => Assert.False(ProcessTable.Read(id) is { IsAlive: true }));
        Assert.Equal(["lock"], Directory.EnumerateFileSystemEntries(_cache.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Removes_what_a_killed_AppHost_left_half_done()
    {
        Directory.CreateDirectory(Path.Combine(_cache.CreateWorkFolder(), "node_modules"));
        Directory.CreateDirectory(_cache.EntryOf(Package));
        WriteNpm(InstallCli);

        await FetchAsync();

        Assert.Equal(["13.5.4-linux-x64", "lock"], Directory.EnumerateFileSystemEntries(_cache.Folder).Select(Path.GetFileName).Order());
        Assert.True(File.Exists(_cache.ExecutableOf(Package)));
    }

    [Fact]
    public async Task Two_AppHosts_at_once_fetch_once()
    {
        WriteNpm($"echo run >> '{_folder["runs"]}'\n{InstallCli}");

        var paths = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => FetchAsync())));

        Assert.All(paths, path => Assert.Equal(_cache.ExecutableOf(Package), path));
        Assert.Equal("run\n", await File.ReadAllTextAsync(_folder["runs"]));
    }

    [Fact]
    public void The_version_is_the_one_that_the_build_names()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+$", DashboardPackage.Current.Version);
        Assert.True(DashboardPackage.Current.IsPublished);
    }

    private Task<string> FetchAsync(DashboardPackage? package = null, CancellationToken cancellationToken = default)
    {
        var path = _folder["bin"];
        var fetcher = new DashboardFetcher(_launcher, _cache, package ?? Package, name => name == "PATH" ? path : null, TimeProvider.System, _loggers.CreateLogger<DistributedApplication>());
        return fetcher.FetchAsync(cancellationToken).InTime();
    }

    private void WriteNpm(string script)
    {
        Directory.CreateDirectory(_folder["bin"]);
        _folder.WriteFile("bin/npm", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_folder["bin/npm"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
