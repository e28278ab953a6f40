using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
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

        // The time to stop, and before it the time to drain.
        Assert.Equal(("SIGINT", "16s"), (Text(service, "stop_signal"), Text(service, "stop_grace_period")));
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

        Assert.Equal(
            [".env", "docker-compose.yaml", "upgrade.sh", "web/src/page", "web/web.Dockerfile"],
            TemporaryFolder.FilesIn(_folder["out"]).Keys);
        var build = (YamlMappingNode)Services()["web"]["build"];
        Assert.Equal(
            ("./web", "web.Dockerfile", "3"),
            (Text(build, "context"), Text(build, "dockerfile"), Text((YamlMappingNode)build["args"], "LEVEL")));
    }

    [Fact]
    public async Task Serves_files_out_of_an_image_that_is_built_before_and_not_run()
    {
        await PublishAsync(builder =>
        {
            Directory.CreateDirectory(Path.Join(builder.AppHostDirectory, "web"));
            File.WriteAllText(Path.Join(builder.AppHostDirectory, "web", "Dockerfile"), "FROM scratch\nCOPY . /dist");
            File.WriteAllText(Path.Join(builder.AppHostDirectory, "nginx.Dockerfile"), "FROM nginx\nCOPY nginx/ /etc/nginx/");
            var web = builder.AddResource(new SiteImage("web")).WithImage("web").WithDockerfile("web").WithContainerFilesSource("/dist");
            web.Resource.Annotations.OfType<DockerfileBuildAnnotation>().Single().HasEntrypoint = false;
            builder.AddNginx("nginx").PublishWithDockerfile("nginx.Dockerfile").PublishWithStaticFiles(web, spaFallback: "index.html");
        });

        Assert.Equal("service:web", Text((YamlMappingNode)Services()["nginx"]["build"]["additional_contexts"], "web"));
        Assert.Equal("0", Text((YamlMappingNode)Services()["web"], "scale"));
        Assert.EndsWith(
            "COPY nginx/ /etc/nginx/\nCOPY --from=web /dist /etc/nginx/static/1\n",
            File.ReadAllText(_folder["out/nginx/Dockerfile"]),
            StringComparison.Ordinal);
        var template = File.ReadAllText(_folder["out/nginx/nginx/templates/nginx.conf.template"]);
        Assert.Contains("root /etc/nginx/static/1;", template, StringComparison.Ordinal);
        Assert.Contains("set $spa_index /index.html;", template, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Balances_over_the_resources_of_a_cluster()
    {
        await PublishAsync(builder =>
        {
            File.WriteAllText(Path.Join(builder.AppHostDirectory, "Dockerfile"), "FROM nginx");
            var apps = Enumerable.Range(1, 2)
                .Select(number => builder.AddContainer($"app{number}", "app").WithHttpEndpoint(targetPort: 8000 + number))
                .ToArray();
            builder.AddNginx("nginx").PublishWithDockerfile("Dockerfile").WithReverseProxy("/", apps);
        });

        var environment = (YamlMappingNode)Services()["nginx"]["environment"];
        Assert.Equal(
            ("app1:8001", "app2:8002", "app1"),
            (Text(environment, "NGINX_UPSTREAM_APP1"),
                Text(environment, "NGINX_UPSTREAM_APP2"),
                Text(environment, "NGINX_HOST_APP1_APP2")));
        var template = File.ReadAllText(_folder["out/nginx/nginx/templates/nginx.conf.template"]);
        Assert.Contains("${NGINX_UPSTREAM_APP1}", template, StringComparison.Ordinal);
        Assert.Contains("${NGINX_UPSTREAM_APP2}", template, StringComparison.Ordinal);
        Assert.Contains("${NGINX_HOST_APP1_APP2}", template, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_the_dashboard_out_when_it_is_not_wanted()
    {
        await PublishAsync(builder => builder.AddSmallProject("api"), dashboard: false);

        Assert.Equal(["docker-compose.yaml", "upgrade.sh"], TemporaryFolder.FilesIn(_folder["out"]).Keys);
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
            "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /ready/now_200 HTTP/1.1",
            ((YamlScalarNode)health["test"][3]).Value,
            StringComparison.Ordinal);
        // A hung service lets each test run into its timeout: 4 × (5 s + 4 s) is what 30 s comes to.
        Assert.Equal(("5s", "4s", "4"), (Text(health, "interval"), Text(health, "timeout"), Text(health, "retries")));
    }

    [Fact]
    public async Task Keeps_the_logs_of_every_service_small()
    {
        await PublishAsync(builder =>
        {
            builder.AddSmallProject("api");
            builder.AddContainer("cache", "redis");
        });

        Assert.All(Services().Children.Values, static service =>
            Assert.Equal(("10m", "3"), (Text((YamlMappingNode)service["logging"]["options"], "max-size"),
                Text((YamlMappingNode)service["logging"]["options"], "max-file"))));
    }

    [Fact]
    public async Task Gives_nginx_its_certificate_by_parameters_and_no_other_way()
    {
        var nginx = await NginxAsync(static nginx => nginx
            .WithBasicAuth("editor", nginx.ApplicationBuilder.AddParameter("password", secret: true))
            .WithHostHttpsPort(9443).WithHttpsRedirect().WithTls(tls => tls with
            {
                Certificate = nginx.ApplicationBuilder.AddParameter("certificate"),
                PrivateKey = nginx.ApplicationBuilder.AddParameter("key", secret: true),
            }));

        Assert.Contains("9443:8443", ((YamlSequenceNode)nginx["ports"]).Select(static port => port.ToString()));
        Assert.Equal("${KEY:?Set KEY in .env}", Text((YamlMappingNode)nginx["environment"], "NGINX_TLS_KEY"));
        var template = File.ReadAllText(_folder["out/nginx/nginx/templates/nginx.conf.template"]);
        Assert.Contains("ssl_certificate_key       /tmp/tls-key.pem;", template, StringComparison.Ordinal);
        Assert.Contains("return 307 https://$host:9443$request_uri;", template, StringComparison.Ordinal);
        Assert.Equal("${NGINX_TLS_KEY}\n", File.ReadAllText(_folder["out/nginx/nginx/templates/tls-key.pem.template"]));

        Assert.Equal("${PASSWORD:?Set PASSWORD in .env}", Text((YamlMappingNode)nginx["environment"], "NGINX_BASIC_AUTH_PASSWORD"));
        Assert.Equal(
            "editor:{PLAIN}${NGINX_BASIC_AUTH_PASSWORD}\n", File.ReadAllText(_folder["out/nginx/nginx/templates/users.template"]));

        await RefusedAsync("needs its certificate as parameters", static nginx => nginx.WithTls());
        await RefusedAsync("has no folder for certbot", static nginx => nginx.WithAcmeChallenge("/var/www"));

        async Task RefusedAsync(
            string expected, Func<IResourceBuilder<NginxResource>, IResourceBuilder<NginxResource>> configure)
        {
            var error = await Assert.ThrowsAnyAsync<DistributedApplicationException>(() => NginxAsync(configure));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Confines_nginx_as_it_does_projects()
    {
        var nginx = await NginxAsync(static nginx => nginx);

        Assert.Equal("true", Text(nginx, "read_only"));
        Assert.Equal("ALL", Assert.Single((YamlSequenceNode)nginx["cap_drop"]).ToString());
        Assert.Equal("no-new-privileges:true", Assert.Single((YamlSequenceNode)nginx["security_opt"]).ToString());
        Assert.Equal("/tmp:size=256M", Assert.Single((YamlSequenceNode)nginx["tmpfs"]).ToString());
    }

    [Theory]
    [InlineData(10, null, "30s")]
    [InlineData(40, null, "40s")]
    [InlineData(10, 60, "65s")]
    public async Task Gives_nginx_more_time_to_end_than_nginx_gives_its_workers(int stopSeconds, int? shutdown, string grace)
    {
        var nginx = await NginxAsync(nginx => nginx
            .WithTimeouts(timeouts => timeouts with { Shutdown = shutdown is { } given ? TimeSpan.FromSeconds(given) : null })
            .WithSupervisor(supervisor => supervisor with { StopWaitSeconds = stopSeconds }));

        Assert.Equal(grace, Text(nginx, "stop_grace_period"));
        Assert.Contains(
            $"worker_shutdown_timeout {shutdown ?? 25}s;",
            File.ReadAllText(_folder["out/nginx/nginx/templates/nginx.conf.template"]),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api", "bash", 3)]
    [InlineData("nginx", "sh", 1)]
    public async Task Ends_a_service_that_does_not_answer_and_leaves_one_alone_that_is_not_healthy(string name, string shell, int index)
    {
        await NginxAsync(static nginx => nginx);
        var service = (YamlMappingNode)Services()[name];
        Assert.Equal("true", Text(service, "init"));
        var port = FreePort.Pick();
        var test = ((YamlScalarNode)service["healthcheck"]["test"][index]).Value!
            .Replace("$$", "$", StringComparison.Ordinal)
            .Replace("8080", $"{port}", StringComparison.Ordinal)
            .Replace("/tmp/answer", _folder["answer"], StringComparison.Ordinal)
            .Replace("/proc/uptime", _folder["uptime"], StringComparison.Ordinal)
            // The real one ends all processes that it may.
            .Replace("kill -KILL -1", $"touch {_folder["killed"]}", StringComparison.Ordinal);
        Assert.DoesNotContain("KILL", test, StringComparison.Ordinal);

        // Before its first answer it has the time to become healthy: 60 s.
        Assert.False(await EndsAsync(1000));
        Assert.False(await EndsAsync(1001));
        Assert.False(await EndsAsync(1059));
        Assert.True(await EndsAsync(1060));

        // A new container begins anew. An answer ends the time, whatever it says.
        File.Delete(_folder["answer"]);
        await using var server = new OneAnswerServer(port, name == "api" ? "503 Service Unavailable" : "200 OK");
        Assert.False(await EndsAsync(2000, name == "api" ? 1 : 0));
        Assert.Equal("2000 0", File.ReadAllText(_folder["answer"]).Trim());
        await server.DisposeAsync();
        Assert.False(await EndsAsync(2005));
        Assert.False(await EndsAsync(2014));
        Assert.False(await EndsAsync(2023));
        Assert.True(await EndsAsync(2032));

        // After a sleep of the machine the service is tested first.
        File.WriteAllText(_folder["answer"], "2000 0\n");
        Assert.False(await EndsAsync(9000));
        Assert.False(await EndsAsync(9005));
        Assert.True(await EndsAsync(9010));

        async Task<bool> EndsAsync(int uptime, int? code = null)
        {
            File.Delete(_folder["killed"]);
            File.WriteAllText(_folder["uptime"], $"{uptime}.25 77.00\n");
            var actual = await RunAsync(shell, test);
            Assert.True(code is { } wanted ? actual == wanted : actual != 0, $"exit code {actual}");
            return File.Exists(_folder["killed"]);
        }
    }

    [Fact]
    public async Task Nginx_looks_up_the_replicas_itself_before_its_upstream_has_any()
    {
        await NginxAsync(static nginx => nginx);

        Assert.Contains(
            "set $retry_all http://${NGINX_UPSTREAM_API};",
            File.ReadAllText(_folder["out/nginx/nginx/templates/nginx.conf.template"]),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upgrades_by_starting_new_replicas_before_the_old_ones_end()
    {
        var (code, calls) = await UpgradeAsync(fails: false);

        Assert.Equal(0, code);
        Assert.Equal(
            [
                "compose build",
                "compose up --detach --no-recreate --scale api=5 --wait api",
                "stop old-1",
                "rm old-1",
                "stop old-2",
                "rm old-2",
                "compose up --detach --wait",
            ],
            calls);
    }

    [Fact]
    public async Task Removes_new_replicas_that_do_not_become_healthy_and_leaves_the_old_ones()
    {
        var (code, calls) = await UpgradeAsync(fails: true);

        Assert.Equal(1, code);
        Assert.Equal(
            ["logs --tail 10 new-1", "rm --force new-1"],
            calls.Where(static call => !call.StartsWith("compose", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Names_the_ports_that_can_be_chosen()
    {
        await NginxAsync(static nginx => nginx);

        Assert.Contains("#NGINX_PORT=8080", File.ReadAllLines(_folder["out/.env"]));
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

        Assert.Equal(
            ["one/docker-compose.yaml", "one/upgrade.sh", "two/docker-compose.yaml", "two/upgrade.sh"],
            TemporaryFolder.FilesIn(_folder["out"]).Keys);
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

    /// <summary>The service of an nginx before three replicas, both supervised.</summary>
    private async Task<YamlMappingNode> NginxAsync(
        Func<IResourceBuilder<NginxResource>, IResourceBuilder<NginxResource>> configure)
    {
        return await ServiceAsync("nginx", builder =>
        {
            File.WriteAllText(Path.Join(builder.AppHostDirectory, "Dockerfile"), "FROM nginx");
            var api = builder.AddSmallProject("api").WithReplicas(3).WithHttpHealthCheck("/health").WithSupervisor();
            configure(builder.AddNginx("nginx").WithReverseProxy("/", api).PublishWithDockerfile("Dockerfile").WithExternalHttpEndpoints()
                .WithSupervisor());
        });
    }

    private static async Task<int> RunAsync(string shell, string script)
    {
        using var process = Process.Start(new ProcessStartInfo(shell, ["-c", script]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return process.ExitCode;
    }

    /// <summary>Runs the script with a stand-in for docker, in which two old replicas run and a new one joins.</summary>
    private async Task<(int Code, string[] Calls)> UpgradeAsync(bool fails)
    {
        await NginxAsync(static nginx => nginx);
        Directory.CreateDirectory(_folder["bin"]);
        WriteProgram("sleep", "true");
        WriteProgram("docker", $"""
            case "$*" in
                "compose ps --quiet api") printf 'old-1\nold-2\n' ;;
                "compose ps --all --quiet api") printf 'old-1\nnew-1\nold-2\n' ;;
                *) echo "$*" >> {_folder["calls"]} ;;
            esac
            case "$*" in *--scale*) {(fails ? "false" : "true")} ;; esac
            """);
        var path = $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}";
        return (await RunAsync("sh", $"PATH={path} {_folder["out/upgrade.sh"]}"), File.ReadAllLines(_folder["calls"]));
    }

    private void WriteProgram(string name, string body)
    {
        File.WriteAllText(_folder[$"bin/{name}"], $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder[$"bin/{name}"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
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

    /// <summary>A server that gives every request the same answer.</summary>
    private sealed class OneAnswerServer : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly Task _serving;

        public OneAnswerServer(int port, string status)
        {
            _listener = new TcpListener(IPAddress.Loopback, port);
            _listener.Start();
            _serving = ServeAsync(status);
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
        }

        private async Task ServeAsync(string status)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    await AnswerAsync(client.GetStream(), status);
                }
            }
            catch (Exception exception) when (exception is SocketException or InvalidOperationException)
            {
                // It has been stopped.
            }
        }

        private static async Task AnswerAsync(NetworkStream stream, string status)
        {
            try
            {
                // All of it, which comes line by line: a connection that ends with something unread is reset, and its answer lost.
                using var request = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                while (await request.ReadLineAsync() is { Length: > 0 })
                {
                    // The headers.
                }

                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
            }
            catch (IOException)
            {
                // The client has gone.
            }
        }
    }
}
