using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Compose;

/// <summary>Writes the services of a Compose file.</summary>
/// <param name="target">The target.</param>
/// <param name="resources">The resources that become services.</param>
/// <param name="folder">The output folder.</param>
/// <param name="values">Reads environment and arguments.</param>
internal sealed class ComposeServiceWriter(ComposeTarget target, IReadOnlyList<IResource> resources, string folder, ValueReader values)
{
    public const string Network = "aspire";

    private const string Dockerfile = "Dockerfile";
    private const int HealthInterval = 5;
    private const int HealthTimeout = HealthInterval - 1;

    /// <summary>The seconds from one test to the next until a service has been healthy once.</summary>
    private const int StartInterval = 1;

    private const long Mebibyte = 1024 * 1024;

    /// <summary>The memory of a service without a limit of its own.</summary>
    private const long DefaultMemory = 512 * Mebibyte;

    /// <summary>The size of nginx's temporary files, which are in memory here.</summary>
    private const long TemporaryFiles = 256 * Mebibyte;

    private readonly SortedDictionary<string, PublishedParameter> _parameters = new(StringComparer.Ordinal);
    private readonly List<string> _volumes = [];
    private readonly List<PublishedFile> _buildFiles = [];
    private readonly SortedSet<string> _ports = new(StringComparer.Ordinal);

    /// <summary>The parameters that the services written so far need: secrets, and those without a value.</summary>
    public IEnumerable<PublishedParameter> Parameters => _parameters.Values;

    /// <summary>The ports that can be chosen when the stack is started, as lines of the file of parameters.</summary>
    public IEnumerable<string> PortSettings => _ports;

    /// <summary>The named volumes of the services written so far.</summary>
    public IEnumerable<string> Volumes => _volumes.Distinct(StringComparer.Ordinal);

    /// <summary>The build contexts of the services written so far: copies, so that the output can be moved.</summary>
    public IEnumerable<PublishedFile> BuildFiles => _buildFiles;

    /// <summary>Writes one service.</summary>
    /// <exception cref="DistributedApplicationException">The resource cannot be a service.</exception>
    public async Task<YamlMap> WriteAsync(IResource resource)
    {
        var isSupervised = resource.TryGetSupervisorOptions(out var supervision);
        var isProject = resource is ProjectResource;
        var isDashboard = resource == target.Dashboard;
        var isNginx = PublishedNginx.IsNginx(resource);
        var isKnown = isProject || isNginx;
        var hasWatchdog = HasWatchdog(resource, supervision);
        return new YamlMap
        {
            { "image", ImageOf(resource) },
            { "build", resource is not ProjectResource && resource.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var build)
                ? await BuildAsync(resource, build).ConfigureAwait(false) : null },
            { "entrypoint", resource is ContainerResource { Entrypoint: { } entrypoint } ? new[] { entrypoint } : null },
            { "command", (await values.ArgumentsAsync(resource).ConfigureAwait(false))
                .Select(argument => Text(resource, argument)).ToArray() },
            { "environment", await EnvironmentAsync(resource).ConfigureAwait(false) },
            { "ports", isDashboard ? new[] { ComposeDashboard.Port } : [.. Ports(resource), .. isNginx ? HttpsPorts(resource) : []] },
            { "expose", Expose(resource) },
            { "volumes", Mounts(resource) },
            { "tmpfs", isProject ? Yaml.List("/tmp") : isNginx ? Yaml.List($"/tmp:size={Megabytes(TemporaryFiles)}") : null },
            { "depends_on", Dependencies(resource) },
            { "healthcheck", HealthCheck(resource, hasWatchdog) },
            // The watchdog of the health check cannot end the first process of a container: that is Docker's, whose child is the service.
            { "init", hasWatchdog ? true : null },
            { "restart", isDashboard ? "unless-stopped" : isSupervised ? Restart(resource, supervision!) : null },
            // An image that only has files for others.
            { "scale", resource.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var image) && !image.HasEntrypoint ? 0 : null },
            { "deploy", Deploy(resource, supervision) },
            { "stop_signal", supervision?.StopSignal },
            { "stop_grace_period", isSupervised
                ? Seconds((await StopTimeAsync(resource, supervision!).ConfigureAwait(false)).TotalSeconds) : null },
            // These images run as an unprivileged user, and write only temporary files.
            { "read_only", isKnown ? true : null },
            { "cap_drop", isKnown ? Yaml.List("ALL") : null },
            { "security_opt", isKnown ? Yaml.List("no-new-privileges:true") : null },
            { "logging", Logging },
            { "networks", new[] { Network } },
        };
    }

    /// <summary>Docker keeps logs without limit by default.</summary>
    private static YamlMap Logging => new()
    {
        { "driver", "json-file" },
        { "options", new YamlMap { { "max-size", "10m" }, { "max-file", "3" } } },
    };

    /// <summary>
    /// Whether the health check ends a service that no longer answers. It needs an image whose temporary folder and user are known.
    /// </summary>
    private static bool HasWatchdog(IResource resource, SupervisorOptions? supervision) =>
        supervision is { Watchdog.Enabled: true } && HttpProbe.Readiness(resource) is not null
        && (resource is ProjectResource || PublishedNginx.IsNginx(resource));

    /// <summary>The time to end: a project drains first, and nginx gives the requests of its workers a time of its own.</summary>
    private async Task<TimeSpan> StopTimeAsync(IResource resource, SupervisorOptions supervision)
    {
        var wait = TimeSpan.FromSeconds(supervision.StopWaitSeconds);
        return resource is ProjectResource
            ? wait + ValueReader.DrainTime(await values.VariablesAsync(resource).ConfigureAwait(false))
            : PublishedNginx.IsNginx(resource)
                && PublishedNginx.Of(resource).ContainerShutdownTimeout + PublishedNginx.ShutdownMargin is var shutdown && shutdown > wait
            ? shutdown
            : wait;
    }

    private string ImageOf(IResource resource)
    {
        if (resource is ProjectResource || resource.HasAnnotationOfType<DockerfileBuildAnnotation>())
        {
            return $"{target.ApplicationName}-{DeploymentTarget.NameOf(resource)}";
        }

        return resource.TryGetContainerImageName(out var image)
            ? image
            : throw new DistributedApplicationException(
                $"'{resource.Name}' is no container: call PublishAsDockerFile, or ExcludeFromManifest to leave it out.");
    }

    private async Task<YamlMap> BuildAsync(IResource resource, DockerfileBuildAnnotation build)
    {
        var name = DeploymentTarget.NameOf(resource);
        if (build.BuildSecrets.Count > 0)
        {
            throw new DistributedApplicationException(
                $"The image of '{name}' needs secrets to be built, which a Compose file cannot hold. "
                + "Build it elsewhere, and add it with AddContainer.");
        }

        _buildFiles.AddRange(Directory.EnumerateFiles(build.ContextPath, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => PublishedFile.CopyOf($"{name}/{Relative(build.ContextPath, file)}", file)));
        var dockerfile = Relative(build.ContextPath, build.DockerfilePath);
        if (dockerfile.StartsWith("..", StringComparison.Ordinal))
        {
            dockerfile = $"{name}.{Dockerfile}";
            _buildFiles.Add(PublishedFile.CopyOf($"{name}/{dockerfile}", build.DockerfilePath));
        }

        var arguments = new YamlMap();
        foreach (var (argument, value) in build.BuildArguments)
        {
            arguments.Add(
                argument, Text(resource, await values.ReadAsync(resource, $"build argument '{argument}'", value).ConfigureAwait(false)));
        }

        return new YamlMap
        {
            { "context", $"./{name}" },
            { "dockerfile", dockerfile == Dockerfile ? null : dockerfile },
            { "args", arguments },
            { "target", build.Stage },
            { "additional_contexts", OtherImages(resource) },
        };
    }

    /// <summary>The images that files are copied out of, built before where they are built here.</summary>
    private static YamlMap OtherImages(IResource resource)
    {
        var images = new YamlMap();
        var sources = resource.Annotations.OfType<ContainerFilesDestinationAnnotation>().Select(static files => files.Source);
        foreach (var source in sources.Distinct())
        {
            var name = DeploymentTarget.NameOf(source);
            images.Add(name, source.HasAnnotationOfType<DockerfileBuildAnnotation>() ? $"service:{name}"
                : source.TryGetContainerImageName(out var image) ? $"docker-image://{image}"
                : throw new DistributedApplicationException(
                    $"PublishWithStaticFiles: '{source.Name}' has no image to take files from; call PublishAsDockerFile on it."));
        }

        return images;
    }

    private async Task<YamlMap> EnvironmentAsync(IResource resource)
    {
        var environment = new YamlMap();
        var variables = await values.VariablesAsync(resource).ConfigureAwait(false);
        foreach (var variable in variables)
        {
            environment.Add(variable.Name, Text(resource, variable.Value));
        }

        // Another collector is not given the dashboard's key.
        var hasDashboard = target.HasDashboard && ValueReader.MakesTelemetry(resource) && !ValueReader.HasOtlpEndpoint(variables);
        foreach (var (name, value) in hasDashboard ? ComposeDashboard.VariablesFor(resource, target.Dashboard) : [])
        {
            environment.TryAdd(
                name, Text(resource, await values.ReadAsync(resource, $"environment variable '{name}'", value).ConfigureAwait(false)));
        }

        return environment;
    }

    /// <summary>
    /// A value in Compose's syntax: dollar signs are escaped, and Compose refuses to start while a parameter is missing.
    /// </summary>
    private string Text(IResource resource, PublishedValue value) => value.Render(
        static text => text.Replace("$", "$$", StringComparison.Ordinal),
        parameter =>
        {
            if (parameter.IsEscaped)
            {
                throw new DistributedApplicationException(
                    $"Resource '{resource.Name}' needs the parameter '{parameter.Name}' escaped for a URL, "
                    + "which a Compose file cannot do. Make the whole URL a parameter.");
            }

            _parameters[parameter.Variable] = parameter;
            return $"${{{parameter.Variable}:?Set {parameter.Variable} in .env}}";
        });

    /// <summary>The published ports. Without a fixed port a variable can choose it when the stack is started.</summary>
    private string[] Ports(IResource resource) =>
    [
        .. DeploymentTarget.EndpointsOf(resource).Where(static endpoint => endpoint.IsExternal).Select(endpoint =>
        {
            var inside = target.ContainerPort(resource, endpoint);
            if (endpoint.Port is { } outside and not 0 && outside != inside)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{outside}:{inside}");
            }

            var variable = $"{Variable.NameFrom(resource.Name)}_PORT";
            var usual = (PublishedNginx.IsNginx(resource) ? PublishedNginx.Of(resource).Port : null) ?? inside;
            _ports.Add(string.Create(CultureInfo.InvariantCulture, $"{variable}={usual}"));
            return string.Create(CultureInfo.InvariantCulture, $"${{{variable}:-{usual}}}:{inside}");
        }),
    ];

    /// <summary>The https port of an nginx that has a certificate.</summary>
    /// <exception cref="DistributedApplicationException">It is asked for what a container does not have.</exception>
    private string[] HttpsPorts(IResource resource)
    {
        var nginx = PublishedNginx.Of(resource);
        nginx.RefuseAcmeChallenge(
            $"a container of '{target.Name}'", "leave it out, and give the certificate as parameters with WithTls.");
        if (nginx.Tls is not { } tls)
        {
            return [];
        }

        if (tls.Certificate is null)
        {
            throw new DistributedApplicationException(
                $"WithTls: nginx '{nginx.Name}' needs its certificate as parameters in a container of '{target.Name}': "
                + "set Certificate and PrivateKey.");
        }

        // A redirect names the port, so it is not chosen when the stack is started.
        return [string.Create(CultureInfo.InvariantCulture, $"{nginx.HttpsPort}:{PublishedNginx.ContainerHttpsPort}")];
    }

    private string[] Expose(IResource resource) =>
    [
        .. DeploymentTarget.EndpointsOf(resource).Where(static endpoint => !endpoint.IsExternal)
            .Select(endpoint => target.ContainerPort(resource, endpoint).ToString(CultureInfo.InvariantCulture))
            .Distinct(),
    ];

    private YamlMap[] Mounts(IResource resource) =>
    [
        .. resource.Annotations.OfType<ContainerMountAnnotation>().Select(mount =>
        {
            var isVolume = mount.Type == ContainerMountType.Volume;
            if (isVolume && mount.Source is { } name)
            {
                _volumes.Add(name);
            }

            return new YamlMap
            {
                { "type", isVolume ? "volume" : "bind" },
                { "source", isVolume || mount.Source is null ? mount.Source : Relative(folder, mount.Source) },
                { "target", mount.Target },
                { "read_only", mount.IsReadOnly ? true : null },
            };
        }),
    ];

    private YamlMap Dependencies(IResource resource)
    {
        var dependencies = new YamlMap();
        foreach (var wait in resource.Annotations.OfType<WaitAnnotation>())
        {
            // The resource may be published as another one with the same name.
            if (resources.FirstOrDefault(other => DeploymentTarget.NameOf(other) == DeploymentTarget.NameOf(wait.Resource)) is { } other)
            {
                dependencies[DeploymentTarget.NameOf(other)] = new YamlMap { { "condition", Condition(wait, other) } };
            }
        }

        return dependencies;
    }

    private static string Condition(WaitAnnotation wait, IResource other) => wait.WaitType switch
    {
        WaitType.WaitForCompletion => "service_completed_successfully",
        WaitType.WaitUntilHealthy when HttpProbe.Readiness(other) is not null => "service_healthy",
        _ => "service_started",
    };

    /// <summary>
    /// The health check, run inside the container. The retries match the watchdog's timeout: in a hung service each test times out.
    /// </summary>
    private YamlMap? HealthCheck(IResource resource, bool hasWatchdog)
    {
        if (HttpProbe.Readiness(resource) is not { } probe)
        {
            return null;
        }

        var supervision = resource.TryGetSupervisorOptions(out var given) ? given : new SupervisorOptions();
        var port = target.ContainerPort(resource, probe.Endpoint);
        var retries = Math.Max(1, (int)Math.Ceiling(supervision.Watchdog.Timeout.TotalSeconds / (HealthInterval + HealthTimeout)));
        var watchdog = hasWatchdog ? Watchdog.Of(supervision) : null;
        return new YamlMap
        {
            { "test", resource is ProjectResource ? BashTest(port, probe, watchdog) : ShellTest(port, probe, watchdog) },
            { "interval", Seconds(HealthInterval) },
            { "timeout", Seconds(HealthTimeout) },
            { "retries", retries },
            { "start_period", Seconds(supervision.HealthyTimeout.TotalSeconds) },
            { "start_interval", Seconds(StartInterval) },
        };
    }

    /// <summary>A test in bash: Microsoft's images for ASP.NET Core have neither curl nor wget.</summary>
    private static string[] BashTest(int port, HttpProbe probe, Watchdog? watchdog)
    {
        var request = $@"GET {probe.Path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        return
        [
            "CMD",
            "bash",
            "-c",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{watchdog?.Before}exec 3<>/dev/tcp/127.0.0.1/{port} && printf '{request}' >&3 "
                + $"&& read -r version status rest <&3 {watchdog?.After}&& test \"$$status\" = {probe.Status}"),
        ];
    }

    private static string[] ShellTest(int port, HttpProbe probe, Watchdog? watchdog)
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}{probe.Path}");
        var test = $"wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url}";
        return ["CMD-SHELL", watchdog is null ? test : $"{watchdog.Before}{{ {test}; }} {watchdog.After}".TrimEnd()];
    }

    /// <summary>
    /// Ends a service that has not answered for a time, which Docker alone would only show as unhealthy: before a test, because one that
    /// runs into its timeout ends nothing. The time begins anew with the container. What answers that it is not healthy is left alone, and
    /// a machine that slept ends nothing, for two tests must have had no answer.
    /// </summary>
    /// <param name="Timeout">The seconds without an answer.</param>
    /// <param name="StartTime">The further ones before the first answer.</param>
    private sealed record Watchdog(int Timeout, int StartTime)
    {
        public static Watchdog Of(SupervisorOptions supervision)
        {
            var timeout = supervision.Watchdog.Timeout;
            return new(
                (int)Math.Ceiling(timeout.TotalSeconds),
                Math.Max(0, (int)Math.Ceiling((supervision.HealthyTimeout - timeout).TotalSeconds)));
        }

        public string Before => string.Create(
            CultureInfo.InvariantCulture,
            $"read -r now rest </proc/uptime; now=$${{now%.*}}; "
            + $"read -r answer missed 2>/dev/null </tmp/answer || answer=$$((now + {StartTime})); "
            + $"test \"$$missed\" -lt 2 2>/dev/null || test $$((now - answer)) -lt {Timeout} || kill -KILL -1; "
            + $"echo $$answer $$((missed + 1)) >/tmp/answer; ");

        public string After { get; } = "&& echo $$now 0 >/tmp/answer ";
    }

    /// <summary>
    /// The restart policy. A server never ends by itself, and must start again with the machine, which <c>on-failure</c> does not do.
    /// </summary>
    private static string Restart(IResource resource, SupervisorOptions supervision) => supervision.Autorestart switch
    {
        SupervisorAutorestart.Never => "no",
        SupervisorAutorestart.Unexpected when !resource.HasAnnotationOfType<EndpointAnnotation>() => "on-failure",
        _ => "unless-stopped",
    };

    private static YamlMap Deploy(IResource resource, SupervisorOptions? supervision) => new()
    {
        { "replicas", resource.GetReplicaCount() is > 1 and var replicas ? replicas : null },
        {
            "resources",
            Memory(resource, supervision) is { } memory
                ? new YamlMap { { "limits", new YamlMap { { "memory", Megabytes(memory) } } } }
                : null
        },
    };

    /// <summary>The memory limit, which a container of another image only has if the AppHost sets one.</summary>
    private static long? Memory(IResource resource, SupervisorOptions? supervision) =>
        PublishedNginx.IsNginx(resource) ? (supervision?.MemoryLimit ?? DefaultMemory / 2) + TemporaryFiles
        : supervision?.MemoryLimit ?? (resource is ProjectResource ? DefaultMemory : null);

    private static string Megabytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, bytes / Mebibyte)}M");

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds)}s");

    private static string Relative(string from, string to) => Path.GetRelativePath(from, to).Replace('\\', '/');
}
