using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>The scripts of a server, run in a shell.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ScriptTests : IDisposable
{
    private const string Settings = "etc/shop/api.env";
    private const string DropIn = "etc/systemd/system/nginx.service.d/shop.conf";

    private static readonly string[] Scripts = ["install.sh", "deploy.sh", "status.sh", "uninstall.sh"];

    private readonly Server _server = new();

    [Fact]
    public async Task Installing_twice_changes_nothing_the_second_time()
    {
        using var shop = await InstallAsync();
        var files = _server.Files;
        _server.StartNginx(DateTime.UtcNow.AddMinutes(1));
        _server.ForgetCalls();

        var output = await shop.RunAsync("install.sh");

        Assert.DoesNotContain("writing", output, StringComparison.Ordinal);
        Assert.Equal(files, _server.Files);
        Assert.Equal(["--quiet enable shop.target"], _server.Calls);
    }

    [Fact]
    public async Task Nginx_is_restarted_when_it_is_older_than_its_drop_in_and_reloaded_for_a_new_site()
    {
        using var shop = await InstallAsync();
        Assert.Equal("restart nginx.service", _server.Calls[^1]);

        // The first installation was interrupted before the restart.
        _server.ForgetCalls();
        await shop.RunAsync("install.sh");
        Assert.Equal("restart nginx.service", _server.Calls[^1]);

        _server.StartNginx(DateTime.UtcNow.AddMinutes(1));
        File.AppendAllText(Path.Combine(shop.Published.Folder, "etc/nginx/sites-available/shop.conf"), "# new\n");
        await shop.RunAsync("install.sh");
        Assert.Equal("reload nginx.service", _server.Calls[^1]);
    }

    [Fact]
    public async Task Nginx_that_was_started_in_the_second_of_its_drop_in_is_restarted_once()
    {
        _server.StartNginx(DateTime.UtcNow.AddMinutes(1));

        using var shop = await InstallAsync();
        Assert.Equal("restart nginx.service", _server.Calls[^1]);

        _server.ForgetCalls();
        await shop.RunAsync("install.sh");
        Assert.DoesNotContain(_server.Calls, static call => call.EndsWith("nginx.service", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("install.sh")]
    [InlineData("deploy.sh", "api", "publish")]
    [InlineData("uninstall.sh", "--purge")]
    public async Task A_dry_run_changes_nothing(string script, params string[] arguments)
    {
        using var shop = await InstallAsync();
        await DeployAsync(shop, "one");
        var (files, replicas) = (_server.Files, _server.Replicas);
        File.AppendAllText(Path.Combine(shop.Published.Folder, "etc/nginx/sites-available/shop.conf"), "# new\n");
        _server.ForgetCalls();

        var given = arguments.Select(argument => argument == "publish" ? _server.WriteRelease("two", "Shop.api") : argument);
        var output = await shop.RunAsync(script, ["--dry-run", .. given]);

        Assert.Contains("would run: ", output, StringComparison.Ordinal);
        Assert.Equal(files, _server.Files);
        Assert.Equal(replicas, _server.Replicas);
        Assert.Empty(_server.Calls);
    }

    [Fact]
    public async Task Keeps_settings_and_adds_those_that_are_new()
    {
        using var shop = await InstallAsync();
        var lines = File.ReadAllLines(_server[Settings]).Where(static line => !line.StartsWith("Region=", StringComparison.Ordinal));
        File.WriteAllText(_server[Settings], string.Join('\n', lines).Replace("CHANGE-ME", "mine", StringComparison.Ordinal));

        var output = await shop.RunAsync("install.sh");

        var settings = File.ReadAllText(_server[Settings]);
        Assert.Contains("adding Region to ", output, StringComparison.Ordinal);
        Assert.Contains("\nPassword=\"mine-db-password\"\n", settings, StringComparison.Ordinal);
        Assert.Contains("\nRegion=\"CHANGE-ME-region\"\n", settings, StringComparison.Ordinal);
        var (code, refused) = await shop.TryAsync("deploy.sh", "api", _server.WriteRelease("one", "Shop.api"));
        Assert.Equal(1, code);
        Assert.Contains("still contains CHANGE-ME: fill it in first", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_that_nginx_rejects_is_taken_back()
    {
        using var shop = await InstallAsync();
        var files = _server.Files;
        File.AppendAllText(Path.Combine(shop.Published.Folder, "etc/nginx/sites-available/shop.conf"), "# new\n");
        File.WriteAllText(Path.Combine(shop.Published.Folder, "etc/nginx/shop/pages/1.html"), "new");
        _server.SetNginxRejects(true);
        _server.ForgetCalls();

        var (code, output) = await shop.TryAsync("install.sh");

        Assert.Equal(1, code);
        Assert.Contains("the old one stays in use", output, StringComparison.Ordinal);
        Assert.Contains("[emerg] a duplicate default server", output, StringComparison.Ordinal);
        Assert.Equal(files, _server.Files);
        Assert.DoesNotContain(_server.Calls, static call => call.Contains("nginx", StringComparison.Ordinal));

        // The same on a server that has had no site of this application.
        using var other = await _server.PublishAsync("other", static builder => builder.AddNginx("nginx", 8081)
            .WithReverseProxy("/", builder.AddSmallProject("api")));
        Assert.Equal(1, (await other.TryAsync("install.sh")).Code);
        Assert.DoesNotContain(_server.Files.Keys, static file => file.Contains("nginx/", StringComparison.Ordinal)
            && file.Contains("other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deploys_replica_after_replica_without_what_a_native_release_does_not_need()
    {
        using var shop = await InstallAsync();
        _server.ForgetCalls();

        await DeployAsync(shop, "one", "Shop.api.dbg", "Shop.api.pdb", "Shop.api.xml", "appsettings.json");

        var release = Assert.Single(_server.Replicas.Values.Distinct());
        Assert.Equal(3, _server.Replicas.Count);
        Assert.Equal(
            ["appsettings.json", "Shop.api"],
            _server.Files.Keys.Where(file => file.StartsWith($"opt/shop/api/releases/{release}/", StringComparison.Ordinal))
                .Select(static file => Path.GetFileName(file)!).Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal(
            ["restart shop-api@1.service", "restart shop-api@2.service", "restart shop-api@3.service", "start shop.target"],
            _server.Calls);
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("dies")]
    public async Task A_release_that_does_not_start_is_taken_back_from_the_replicas_it_reached_alone(string fault)
    {
        using var shop = await InstallAsync();
        await DeployAsync(shop, "one");
        var replicas = _server.Replicas;
        _server.ForgetCalls();

        var (code, output) = await shop.TryAsync("deploy.sh", "api", _server.WriteRelease("two", "Shop.api", fault));

        Assert.Equal(1, code);
        Assert.Contains("shop-api@1.service does not start; more: journalctl -u shop-api@1.service", output, StringComparison.Ordinal);
        Assert.Equal(replicas, _server.Replicas);
        Assert.Equal(["restart shop-api@1.service", "restart shop-api@1.service"], _server.Calls);
        // The bad release is not one of those to go back to.
        Assert.Equal([replicas.Values.First()], Directory.GetDirectories(_server["opt/shop/api/releases"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_first_release_that_does_not_start_leaves_nothing()
    {
        using var shop = await InstallAsync();
        shop.FillIn(Settings);

        var (code, output) = await shop.TryAsync("deploy.sh", "api", _server.WriteRelease("one", "Shop.api", "broken"));

        Assert.Equal(1, code);
        Assert.Contains("api has no release before this one, and is stopped", output, StringComparison.Ordinal);
        Assert.False(Path.Exists(_server["opt/shop/api/current"]));
        Assert.Empty(Directory.GetDirectories(_server["opt/shop/api/releases"]));
    }

    [Fact]
    public async Task Goes_back_to_an_older_release_and_keeps_five_of_them()
    {
        using var shop = await InstallAsync();
        for (var number = 1; number <= 7; number++)
        {
            Directory.CreateDirectory(_server[$"opt/shop/api/releases/2020010{number}T000000Z"]);
        }

        await DeployAsync(shop, "one");
        var first = Assert.Single(_server.Replicas.Values.Distinct());
        await DeployAsync(shop, "two");
        Assert.NotEqual(first, Assert.Single(_server.Replicas.Values.Distinct()));
        Assert.Equal(
            ["20200105T000000Z", "20200106T000000Z", "20200107T000000Z"],
            Directory.GetDirectories(_server["opt/shop/api/releases"]).Select(Path.GetFileName).Order(StringComparer.Ordinal).Take(3));

        await shop.RunAsync("deploy.sh", "api", _server[$"opt/shop/api/releases/{first}"]);

        Assert.Equal([first], _server.Replicas.Values.Distinct());
        Assert.Equal(5, Directory.GetDirectories(_server["opt/shop/api/releases"]).Length);
    }

    [Fact]
    public async Task Without_a_folder_it_restarts_the_release_in_use()
    {
        using var shop = await InstallAsync();
        shop.FillIn(Settings);
        var (code, output) = await shop.TryAsync("deploy.sh", "api");
        Assert.Equal(1, code);
        Assert.Contains("api has no release yet", output, StringComparison.Ordinal);
        await DeployAsync(shop, "one");
        var replicas = _server.Replicas;
        _server.ForgetCalls();

        await shop.RunAsync("deploy.sh", "api");

        Assert.Equal(replicas, _server.Replicas);
        Assert.Equal(4, _server.Calls.Count);
    }

    [Fact]
    public async Task Fewer_replicas_than_before_end_with_the_next_installation()
    {
        using var shop = await InstallAsync();
        await DeployAsync(shop, "one");
        using var smaller = await _server.PublishAsync("shop", static builder =>
        {
            builder.AddShop();
            builder.Resources.OfType<ProjectResource>().Single().Annotations.Add(new ReplicaAnnotation(2));
        });

        await smaller.RunAsync("install.sh");

        Assert.Equal(["shop-api@1.service", "shop-api@2.service"], _server.Replicas.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Shows_what_is_not_well()
    {
        using var shop = await InstallAsync();
        await DeployAsync(shop, "one");
        Assert.Contains("shop-api@3.service: active", await shop.RunAsync("status.sh"), StringComparison.Ordinal);
        File.Delete(_server["units/shop-api@2.service"]);

        var (code, output) = await shop.TryAsync("status.sh");

        Assert.Equal(1, code);
        Assert.Contains("!! it does not serve; the reason: journalctl -u shop-api@2.service", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_applications_share_a_server_and_uninstalling_one_leaves_the_other()
    {
        using var shop = await InstallAsync();
        await DeployAsync(shop, "one");
        var files = _server.Files;
        using var other = await _server.PublishAsync("shop-two", static builder => builder.AddNginx("nginx", 8081)
            .WithReverseProxy("/", builder.AddSmallProject("api"))
            .WithSupervisor());
        await other.RunAsync("install.sh");
        await other.RunAsync("deploy.sh", "api", _server.WriteRelease("other", "Shop.api"));

        await other.RunAsync("uninstall.sh", "--purge");
        await other.RunAsync("uninstall.sh", "--purge");

        Assert.Equal(files, _server.Files);
        Assert.Equal(3, _server.Replicas.Count);
        await shop.RunAsync("uninstall.sh");
        Assert.False(Directory.Exists(_server["etc/systemd/system/nginx.service.d"]));
        Assert.Equal([Settings], _server.Files.Keys.Where(static file => file.StartsWith("etc/", StringComparison.Ordinal)));
        Assert.Empty(_server.Replicas);
    }

    [Theory]
    [InlineData("install.sh", "--help")]
    [InlineData("deploy.sh")]
    [InlineData("deploy.sh", "web", "publish")]
    [InlineData("status.sh", "api")]
    [InlineData("uninstall.sh", "--all")]
    public async Task Says_how_it_is_used(string script, params string[] arguments)
    {
        using var shop = await _server.PublishAsync("shop", static builder => builder.AddShop());

        var (code, output) = await shop.TryAsync(script, arguments);

        Assert.Equal((2, true), (code, output.Contains($"usage: {script}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Refuses_an_old_systemd_before_it_changes_anything()
    {
        using var shop = await _server.PublishAsync("shop", static builder => builder.AddShop());
        var script = Path.Combine(shop.Published.Folder, "install.sh");
        File.WriteAllText(
            script, File.ReadAllText(script).Replace("set -eu", "set -eu; export SYSTEMD_VERSION=249", StringComparison.Ordinal));

        var (code, output) = await shop.TryAsync("install.sh");

        Assert.Equal(1, code);
        Assert.Contains("systemd is 249, and 250 or later is needed", output, StringComparison.Ordinal);
        Assert.Empty(_server.Files);
    }

    [ShellCheckFact]
    public async Task Are_clean()
    {
        using var files = await PublishedFiles.WriteAsync("publish-systemd", static builder =>
        {
            builder.AddSystemdTarget("systemd", static server => server.ApplicationName = "shop");
            builder.AddShop();
        });
        using var plain = await PublishedFiles.WriteAsync("publish-systemd", static builder =>
        {
            builder.AddSystemdTarget("systemd");
            builder.AddSmallProject("api");
            builder.AddSmallProject("jobs");
        });
        using var compose = await PublishedFiles.WriteAsync("publish-compose", static builder =>
        {
            builder.AddComposeTarget("compose");
            builder.AddSmallProject("api");
        });

        await ShellCheckFactAttribute.AssertCleanAsync(
        [
            .. Scripts.Select(script => Path.Combine(files.Folder, script)),
            .. Scripts.Select(script => Path.Combine(plain.Folder, script)),
            Path.Combine(compose.Folder, "upgrade.sh"),
        ]);
    }

    [ShellCheckFact]
    public async Task Those_of_this_repository_are_clean()
    {
        var scripts = Directory.GetFiles(Path.Join(Repository(), ".ci"));

        Assert.NotEmpty(scripts);
        await ShellCheckFactAttribute.AssertCleanAsync(scripts);
    }

    public void Dispose() => _server.Dispose();

    private static string Repository([CallerFilePath] string test = "") => Path.GetFullPath("../../..", Path.GetDirectoryName(test)!);

    private async Task<Server.Stack> InstallAsync()
    {
        var shop = await _server.PublishAsync("shop", static builder => builder.AddShop());
        await shop.RunAsync("install.sh");
        return shop;
    }

    private async Task DeployAsync(Server.Stack shop, string name, params string[] others)
    {
        shop.FillIn(Settings);
        await shop.RunAsync("deploy.sh", "api", _server.WriteRelease(name, "Shop.api", others));
    }
}

/// <summary>A test that asks shellcheck, and is skipped on a machine without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ShellCheckFactAttribute : FactAttribute
{
    private static readonly string? Program = ExecutablePath.Find("shellcheck");

    public ShellCheckFactAttribute() => Skip = Program is null ? "No shellcheck: install it (Debian: apt-get install shellcheck)." : null;

    /// <summary>Asserts that shellcheck finds nothing in scripts.</summary>
    public static async Task AssertCleanAsync(params string[] scripts)
    {
        using var process = Process.Start(new ProcessStartInfo(Program!, scripts) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(string.Empty, output);
    }
}
