using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using YamlDotNet.RepresentationModel;

namespace FlaskStack.Deployment.Tests.Compose;

public sealed class ComposeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(SupervisorAutorestart.Always, "unless-stopped")]
    [InlineData(SupervisorAutorestart.Unexpected, "unless-stopped")]
    [InlineData(SupervisorAutorestart.Never, "no")]
    public async Task Restarts_a_server_as_the_supervisor_does(SupervisorAutorestart autorestart, string restart)
    {
        var service = await ServiceAsync(
            "api",
            builder => builder.AddSmallProject("api").WithSupervisor(supervisor => supervisor with { Autorestart = autorestart }));

        Assert.Equal(restart, Text(service, "restart"));
    }

    [Fact]
    public async Task Restarts_a_job_only_when_it_failed()
    {
        var service = await ServiceAsync("job", builder => builder.AddContainer("job", "worker").WithSupervisor());

        Assert.Equal("on-failure", Text(service, "restart"));
    }

    [Fact]
    public async Task Gives_a_service_the_limits_of_the_supervisor()
    {
        var service = await ServiceAsync("api", builder => builder.AddSmallProject("api").WithReplicas(4)
            .WithSupervisor(supervisor => supervisor with
            {
                MemoryLimit = 256L * 1024 * 1024,
                StopSignal = "SIGINT",
                StopWaitSeconds = 12.5,
            }));

        Assert.Equal(("SIGINT", "13s"), (Text(service, "stop_signal"), Text(service, "stop_grace_period")));
        var deploy = (YamlMappingNode)service["deploy"];
        Assert.Equal(("4", "256M"), (Text(deploy, "replicas"), Text((YamlMappingNode)deploy["resources"]["limits"], "memory")));
    }

    [Fact]
    public async Task Puts_secrets_into_a_file_of_their_own_without_their_values()
    {
        await PublishAsync(builder =>
        {
            builder.Configuration["Parameters:db-password"] = "do-not-tell-4711";
            var password = builder.AddParameter("db-password", secret: true);
            var connection = builder.AddConnectionString("db", ReferenceExpression.Create($"Host=db;Password={password}"));
            builder.AddContainer("app", "app").WithReference(connection);
        });

        Assert.Contains(
            "ConnectionStrings__db: Host=db;Password=${DB_PASSWORD:?Set DB_PASSWORD in .env}",
            File.ReadAllText(_folder["out/docker-compose.yaml"]),
            StringComparison.Ordinal);
        Assert.Contains("DB_PASSWORD=", File.ReadAllLines(_folder["out/.env"]));
        Assert.All(
            TemporaryFolder.FilesIn(_folder["out"]).Values,
            content => Assert.DoesNotContain("4711", System.Text.Encoding.UTF8.GetString(content), StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["out/.env"]));
        }
    }

    [Fact]
    public async Task Writes_other_parameters_down_and_keeps_dollar_signs()
    {
        var service = await ServiceAsync("app", builder => builder.AddContainer("app", "app")
            .WithEnvironment("PLACE", builder.AddParameter("place", "north"))
            .WithEnvironment("MONEY", "$5")
            .WithEnvironment("WHOLE", ReferenceExpression.Create($"$HOME {builder.AddParameter("more", "$6")}")));

        var environment = (YamlMappingNode)service["environment"];
        Assert.Equal(("north", "$$5", "$$HOME $$6"), (Text(environment, "PLACE"), Text(environment, "MONEY"), Text(environment, "WHOLE")));
    }

    [Fact]
    public async Task Finds_other_services_by_their_names_on_the_ports_of_their_containers()
    {
        var service = await ServiceAsync("web", builder =>
        {
            var api = builder.AddSmallProject("api");
            var cache = builder.AddContainer("cache", "redis").WithEndpoint(port: 7000, targetPort: 6379, name: "tcp");
            builder.AddContainer("web", "web").WithReference(api.GetEndpoint("http"))
                .WithEnvironment("CACHE", cache.GetEndpoint("tcp").Property(EndpointProperty.HostAndPort));
        });

        var environment = (YamlMappingNode)service["environment"];
        Assert.Equal(("http://api:8080", "cache:6379"), (Text(environment, "services__api__http__0"), Text(environment, "CACHE")));
    }

    [Fact]
    public async Task Copies_what_an_image_is_built_from()
    {
        await PublishAsync(builder =>
        {
            Directory.CreateDirectory(Path.Join(builder.AppHostDirectory, "web", "src"));
            File.WriteAllText(Path.Join(builder.AppHostDirectory, "web", "src", "page"), "page");
            File.WriteAllText(Path.Join(builder.AppHostDirectory, "web.Dockerfile"), "FROM scratch");
            builder.AddDockerfile("web", "web", "../web.Dockerfile").WithBuildArg("LEVEL", "3");
        });

        Assert.Equal([".env", "docker-compose.yaml", "web/src/page", "web/web.Dockerfile"], TemporaryFolder.FilesIn(_folder["out"]).Keys);
        var build = (YamlMappingNode)Services()["web"]["build"];
        Assert.Equal(
            ("./web", "web.Dockerfile", "3"),
            (Text(build, "context"), Text(build, "dockerfile"), Text((YamlMappingNode)build["args"], "LEVEL")));
    }

    [Fact]
    public async Task Leaves_the_dashboard_out_when_it_is_not_wanted()
    {
        await PublishAsync(builder => builder.AddSmallProject("api"), dashboard: false);

        Assert.Equal(["docker-compose.yaml"], TemporaryFolder.FilesIn(_folder["out"]).Keys);
        Assert.Equal(["api"], Services().Children.Keys.Select(key => ((YamlScalarNode)key).Value));
        Assert.DoesNotContain("OTEL_EXPORTER", File.ReadAllText(_folder["out/docker-compose.yaml"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_a_parameter_without_a_value_to_whoever_deploys()
    {
        var service = await ServiceAsync(
            "app",
            builder => builder.AddContainer("app", "app").WithEnvironment("PLACE", builder.AddParameter("the-place")));

        Assert.Equal("${THE_PLACE:?Set THE_PLACE in .env}", Text((YamlMappingNode)service["environment"], "PLACE"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Asks_for_the_health_that_the_model_knows(bool asProbe)
    {
        var service = await ServiceAsync("api", builder =>
        {
            var api = builder.AddSmallProject("api").WithSupervisor();
            _ = asProbe ? api.WithHttpProbe(ProbeType.Readiness, "/ready/now_200") : api.WithHttpHealthCheck("/ready/now_200");
        });

        var health = (YamlMappingNode)service["healthcheck"];
        Assert.Contains(
            "/127.0.0.1/8080 && printf 'GET /ready/now_200 HTTP/1.1",
            ((YamlScalarNode)health["test"][3]).Value,
            StringComparison.Ordinal);
        // A hung service lets each test run into its timeout: 4 × (5 s + 4 s) is what 30 s comes to.
        Assert.Equal(("5s", "4s", "4"), (Text(health, "interval"), Text(health, "timeout"), Text(health, "retries")));
    }

    [Fact]
    public async Task Leaves_a_folder_that_is_not_empty_as_it_is()
    {
        Directory.CreateDirectory(_folder["out"]);
        _folder.WriteFile("out/mine", "precious");

        var error = await Publisher.FailureAsync("publish-compose", _folder["out"], _folder.Path, builder =>
        {
            builder.AddComposeTarget("compose");
            builder.AddSmallProject("api");
        });

        Assert.Contains(
            $"--output-path is '{_folder["out"]}', which is not empty. Empty it, or give another folder.",
            error,
            StringComparison.Ordinal);
        Assert.Equal(["mine"], TemporaryFolder.FilesIn(_folder["out"]).Keys);
    }

    [Fact]
    public async Task Several_environments_write_into_a_folder_each_and_take_what_is_theirs()
    {
        await Publisher.RunAsync("publish", _folder["out"], _folder.Path, builder =>
        {
            var one = builder.AddComposeTarget("one", target => target.HasDashboard = false);
            var two = builder.AddComposeTarget("two", target => target.HasDashboard = false);
            builder.AddSmallProject("api").WithComputeEnvironment(one);
            builder.AddContainer("cache", "redis").WithComputeEnvironment(two);
        });

        Assert.Equal(["one/docker-compose.yaml", "two/docker-compose.yaml"], TemporaryFolder.FilesIn(_folder["out"]).Keys);
        Assert.Contains("\n  api:", File.ReadAllText(_folder["out/one/docker-compose.yaml"]), StringComparison.Ordinal);
        Assert.Contains("\n  cache:", File.ReadAllText(_folder["out/two/docker-compose.yaml"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_what_to_do_with_what_is_no_container()
    {
        var error = await Publisher.FailureAsync("publish-compose", _folder["out"], _folder.Path, builder =>
        {
            builder.AddComposeTarget("compose");
            builder.AddExecutable("tool", "tool", ".");
        });

        Assert.Contains(
            "'tool' is no container: call PublishAsDockerFile, or ExcludeFromManifest to leave it out.",
            error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("services: {a: {image: x, replicas: 2}}", "there is no replicas")]
    [InlineData("services: {a: {restart: always}}", "neither image nor build")]
    [InlineData("services: {a: {image: x, ports: [http]}}", "http is no port")]
    [InlineData("services: {a: {image: x, restart: sometimes}}", "in no known way")]
    [InlineData("services: {a: {image: x, depends_on: {b: {condition: service_started}}}}", "cannot wait for b")]
    [InlineData("services: {a: {image: x, networks: [n]}}", "no network n")]
    [InlineData("services: {a: {image: x, environment: {A: '${B}'}}}", "no line in .env")]
    [InlineData("services: {a: {image: x, command: x}}", "command is a text, not a list")]
    public void The_rules_break_at(string services, string rule) =>
        Assert.Contains(
            ComposeRules.Check($"name: x\n{services}\n", _folder.Path),
            broken => broken.Contains(rule, StringComparison.Ordinal));

    public void Dispose() => _folder.Dispose();

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    private async Task<YamlMappingNode> ServiceAsync(string name, Action<IDistributedApplicationBuilder> declare)
    {
        await PublishAsync(declare);
        Assert.Empty(ComposeRules.Check(File.ReadAllText(_folder["out/docker-compose.yaml"]), _folder["out"]));
        return (YamlMappingNode)Services()[name];
    }

    private Task PublishAsync(Action<IDistributedApplicationBuilder> declare, bool dashboard = true) =>
        Publisher.RunAsync("publish-compose", _folder["out"], _folder.Path, builder =>
        {
            builder.AddComposeTarget("compose", target => target.HasDashboard = dashboard);
            declare(builder);
        });

    private YamlMappingNode Services()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(_folder["out/docker-compose.yaml"])));
        return (YamlMappingNode)stream.Documents.Single().RootNode["services"];
    }
}
