using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Deployment.Tests.Systemd;

[UnsupportedOSPlatform("windows")]
public class PublishTests
{
    private const string Step = "publish-systemd";

    [Fact]
    public async Task Writes_units_site_scripts_and_instructions()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        files.AssertGolden("shop");
    }

    [Fact]
    public async Task Keeps_the_settings_to_their_owner_and_lets_the_scripts_run()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(files.Folder, "etc/shop/api.env")));
        Assert.All(
            ["install.sh", "deploy.sh", "status.sh", "uninstall.sh"],
            script => Assert.True(File.GetUnixFileMode(Path.Combine(files.Folder, script)).HasFlag(UnixFileMode.UserExecute)));
    }

    [Fact]
    public async Task Writes_no_secret_anywhere()
    {
        using var files = await PublishedFiles.WriteAsync(Step, builder =>
        {
            builder.Configuration["Parameters:db-password"] = "hunter2";
            builder.Configuration["Parameters:region"] = "north";
            Declare(builder);
        });

        Assert.All(files.Paths, path => Assert.DoesNotContain("hunter2", files[path], StringComparison.Ordinal));
        Assert.Contains("Environment=Region=north\n", files["etc/systemd/system/shop-api@.service"], StringComparison.Ordinal);
        Assert.DoesNotContain("Region", files["etc/shop/api.env"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_that_nobody_supervises_is_not_restarted()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            AddServer(builder);
            builder.AddSmallProject("api");
        });

        var unit = files["etc/systemd/system/shop-api@.service"];
        Assert.DoesNotContain("Restart", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("WatchdogSec", unit, StringComparison.Ordinal);
        // Its release is not native: it compiles while it runs, and sets the affinity of its threads.
        Assert.DoesNotContain("MemoryDenyWriteExecute", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("@resources", unit, StringComparison.Ordinal);
        Assert.Contains("--self-contained", files["README.md"], StringComparison.Ordinal);
        Assert.DoesNotContain(files.Paths, path => path.Contains("nginx", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("shop-api@.service")]
    [InlineData("nginx.service.d/shop.conf")]
    public async Task No_number_of_starts_leaves_a_unit_dead(string unit)
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        var text = files[$"etc/systemd/system/{unit}"];
        Assert.Contains("\nStartLimitIntervalSec=0\n", text, StringComparison.Ordinal);
        Assert.Contains("\nRestart=always\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nginx_comes_back_however_it_ended_and_a_replica_that_has_finished_does_not()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        Assert.DoesNotContain(
            "RestartPreventExitStatus", files["etc/systemd/system/nginx.service.d/shop.conf"], StringComparison.Ordinal);
        Assert.Contains("\nRestartPreventExitStatus=0 3\n", files["etc/systemd/system/shop-api@.service"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_nginx_that_nobody_supervises_keeps_the_policy_of_the_other_applications_on_the_server()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            AddServer(builder);
            builder.AddNginx("nginx").WithReverseProxy("/", builder.AddSmallProject("api"));
        });

        var dropIn = files["etc/systemd/system/nginx.service.d/shop.conf"];
        Assert.DoesNotContain("Restart", dropIn, StringComparison.Ordinal);
        Assert.Contains("\nLimitNOFILE=65536\n", dropIn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_without_a_release_is_not_started_again_and_again()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        Assert.Contains(
            "\nConditionPathExists=/opt/shop/api/current\n", files["etc/systemd/system/shop-api@.service"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Systemd_can_hold_the_socket_of_each_replica_at_the_same_path()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            builder.AddSystemdTarget("systemd", static server => (server.ApplicationName, server.SocketActivation) = ("shop", true));
            builder.AddShop();
        });

        string[] socket =
        [
            "ConditionPathExists=/opt/shop/api/current",
            "StopWhenUnneeded=yes",
            "ListenStream=/run/shop/api-%i/http.sock",
            "SocketGroup=www-data",
            "SocketMode=0660",
        ];
        Assert.All(socket, line =>
            Assert.Contains($"\n{line}\n", files["etc/systemd/system/shop-api@.socket"], StringComparison.Ordinal));
        var unit = files["etc/systemd/system/shop-api@.service"];
        Assert.Contains("\nRequires=shop-api@%i.socket\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nAfter=network.target shop-api@%i.socket\n", unit, StringComparison.Ordinal);
        // The folder would go with the process.
        Assert.DoesNotContain("RuntimeDirectory", unit, StringComparison.Ordinal);
        Assert.Contains(
            " shop-api@1.socket shop-api@2.socket shop-api@3.socket ", files["etc/systemd/system/shop.target"], StringComparison.Ordinal);
        Assert.Contains("unix:/run/shop/api-3/http.sock", files["etc/nginx/sites-available/shop.conf"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_nginx_that_is_not_external_listens_on_this_machine_alone()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            AddServer(builder);
            builder.AddNginx("nginx").WithReverseProxy("/", builder.AddSmallProject("api"));
        });

        var site = files["etc/nginx/sites-available/shop.conf"];
        Assert.Contains("listen 127.0.0.1:80 ", site, StringComparison.Ordinal);
        Assert.DoesNotContain("listen *", site, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_finds_nginx_on_this_machine()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            AddServer(builder);
            var nginx = builder.AddNginx("nginx", 8080).WithReverseProxy("/", builder.AddSmallProject("api"));
            builder.AddSmallProject("jobs").WithEnvironment("Api", nginx.GetEndpoint("http"));
        });

        Assert.Contains(
            "Environment=Api=http://localhost:8080\n",
            files["etc/systemd/system/shop-jobs@.service"],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_what_one_server_has_no_place_for()
    {
        Assert.Contains("'redis' is neither a project nor nginx", await ErrorAsync(static builder =>
        {
            builder.AddSmallProject("api");
            builder.AddContainer("redis", "redis");
        }), StringComparison.Ordinal);
        Assert.Contains("There is no project", await ErrorAsync(static _ => { }), StringComparison.Ordinal);
        Assert.Contains("refer to the endpoint of nginx", await ErrorAsync(static builder =>
        {
            var api = builder.AddSmallProject("api");
            builder.AddSmallProject("jobs").WithReference(api);
        }), StringComparison.Ordinal);
        Assert.Contains("has one nginx, and the model has 2", await ErrorAsync(static builder =>
        {
            var api = builder.AddSmallProject("api");
            builder.AddNginx("one").WithReverseProxy("/", api);
            builder.AddNginx("two").WithReverseProxy("/", api);
        }), StringComparison.Ordinal);
        Assert.Contains("everybody on the server could read", await ErrorAsync(static builder =>
            builder.AddSmallProject("api").WithArgs(builder.AddParameter("token", secret: true))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_name_that_units_cannot_have()
    {
        var error = await PublishedFiles.ErrorAsync(Step, static builder =>
        {
            builder.AddSystemdTarget("systemd", static server => server.ApplicationName = "My Shop");
            builder.AddSmallProject("api");
        });

        Assert.Contains("ApplicationName of 'systemd' is 'My Shop'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_out_of_publishing_is_left_out_here()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            AddServer(builder);
            builder.AddSmallProject("api");
            builder.AddContainer("redis", "redis").ExcludeFromManifest();
        });

        Assert.DoesNotContain("redis", files["etc/systemd/system/shop.target"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_running_application_has_no_row_for_it()
    {
        var builder = DistributedApplication.CreateBuilder([]);

        builder.AddSystemdTarget("systemd");

        Assert.Empty(builder.Resources.OfType<IComputeEnvironmentResource>());
    }

    private static void Declare(IDistributedApplicationBuilder builder)
    {
        AddServer(builder);
        builder.AddShop();
    }

    private static void AddServer(IDistributedApplicationBuilder builder) =>
        builder.AddSystemdTarget("systemd", static server => server.ApplicationName = "shop");

    private static Task<string> ErrorAsync(Action<IDistributedApplicationBuilder> declare) => PublishedFiles.ErrorAsync(Step, builder =>
    {
        AddServer(builder);
        declare(builder);
    });
}
