using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Provisioning;
using Aspire.Hosting.Nginx.Rendering;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>nginx in a container: what the container is given, how nginx is tested there, and what it can reach.</summary>
/// <remarks>
/// The run folder and the folders of the AppHost are mounted where they are here, read-only: the same paths mean the same files. What nginx
/// writes stays in the container.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxContainer
{
    /// <summary>How long a start waits for the addresses of resources. Others join by a reload.</summary>
    private static readonly TimeSpan AddressLimit = TimeSpan.FromSeconds(10);

    /// <summary>The CA file of the image.</summary>
    private const string CertificateAuthorities = "/etc/ssl/certs/ca-certificates.crt";

    private readonly ConcurrentDictionary<(IResource Resource, string Endpoint), string> _addresses = [];
    private readonly ImmutableArray<(IResourceWithEndpoints Resource, EndpointReference Endpoint)> _behind;
    private readonly ImmutableArray<string> _folders;

    public NginxContainer(
        NginxContainerResource resource, ContainerEngine engine, NginxAnnotation options, BeforeStartEvent start, string appHostDirectory)
    {
        (Resource, Engine) = (resource, engine);
        _behind =
        [
            .. options.Sources.SelectMany(source => source.InstancesIn(start.Model.Resources)
                .Select(instance => (instance, new EndpointReference(instance, source.EndpointOf(instance))))),
        ];
        var configuration = options.Configuration;
        _folders =
        [
            .. configuration.StaticFiles.Select(static files => files.Folder)
                .Concat(configuration.Snippets.Select(static snippet => snippet.Folder))
                .Append(configuration.AcmeFolder is { } folder ? Path.GetFullPath(folder, appHostDirectory) : null)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal),
        ];
    }

    public NginxContainerResource Resource { get; }

    public ContainerEngine Engine { get; }

    /// <summary>The paths as nginx sees them.</summary>
    public static NginxRunPaths PathsIn(NginxRunPaths paths) => paths with
    {
        ProcessIdFile = "/tmp/nginx.pid",
        TemporaryFolder = "/tmp",
        CacheFolder = "/tmp/cache",
    };

    /// <summary>
    /// What differs in a container. The files are those of the AppHost's user, whom the image does not know, so that root reads them.
    /// </summary>
    public static NginxConfiguration Adapt(NginxConfiguration configuration) => configuration with
    {
        Listen = Adapt(configuration.Listen!),
        Workers = configuration.Workers with { User = "root", Group = null },
        CertificateAuthorities = CertificateAuthorities,
        IsInEngine = true,
    };

    /// <summary>The engine passes on what comes to the port on this machine.</summary>
    public static NginxListen Adapt(NginxListen listen) => new(listen.Port, ["*"]);

    /// <summary>Gives the container its files, and has Aspire make the resources of this machine reachable from it.</summary>
    /// <param name="paths">The run folder.</param>
    /// <param name="prepare">Makes the configuration: it is called when the addresses are known, before each start.</param>
    public void AddTo(NginxRunPaths paths, Func<CancellationToken, Task> prepare)
    {
        foreach (var folder in _folders.Prepend(paths.Folder))
        {
            Resource.Annotations.Add(new ContainerMountAnnotation(folder, folder, ContainerMountType.BindMount, isReadOnly: true));
        }

        Resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            foreach (var (resource, endpoint) in _behind)
            {
                context.EnvironmentVariables[$"{NginxVariables.AddressOf(resource.Name)}_{endpoint.EndpointName.ToUpperInvariant()}"] =
                    endpoint.Property(EndpointProperty.HostAndPort);
            }
        }));
        Resource.Annotations.Add(new ContainerRuntimeArgsCallbackAnnotation(async context =>
        {
            if (Engine.IsDocker && OperatingSystem.IsLinux())
            {
                // Docker Desktop and Podman give a container this name by themselves.
                context.Args.Add("--add-host=host.docker.internal:host-gateway");
            }

            await prepare(context.CancellationToken).ConfigureAwait(false);
        }));
    }

    /// <summary>The command that runs nginx of the same image to test a configuration.</summary>
    public NginxLocation LocationIn(NginxRunPaths paths) => new(Engine.Command, Error: Engine.Problem)
    {
        // Names are not looked up: a resource that has not started has none yet.
        Prefix = () =>
        [
            "run", "--rm", "--network=none",
            .. _addresses.Values.Select(static address => address[..address.LastIndexOf(':')]).Distinct().Order(StringComparer.Ordinal)
                .Select(static host => $"--add-host={host}:127.0.0.1"),
            .. _folders.Prepend(paths.Folder).Select(static folder => $"--volume={folder}:{folder}:ro"),
            "--entrypoint=nginx", Image,
        ],
    };

    public string Image => Resource.TryGetContainerImageName(out var image) ? image : throw new InvalidOperationException();

    /// <summary>The address at which the container reaches an endpoint, as nginx writes it; null as long as it is not known.</summary>
    public string? AddressOf(IResource resource, EndpointAnnotation endpoint) =>
        _addresses.GetValueOrDefault((resource, endpoint.Name));

    /// <summary>Asks Aspire for the addresses.</summary>
    /// <param name="changed">Called for each that comes late.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task FindAddressesAsync(Action changed, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(_behind.Select(behind => FindAddressAsync(behind.Resource, behind.Endpoint, cancellationToken)));
        if (await Task.WhenAny(all, Task.Delay(AddressLimit, cancellationToken)).ConfigureAwait(false) != all)
        {
            _ = all.ContinueWith(
                _ => changed(), cancellationToken, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private async Task FindAddressAsync(IResource resource, EndpointReference endpoint, CancellationToken cancellationToken)
    {
        var context = new ValueProviderContext { Caller = Resource, Network = KnownNetworkIdentifiers.DefaultAspireContainerNetwork };
        if (await endpoint.Property(EndpointProperty.HostAndPort).GetValueAsync(context, cancellationToken).ConfigureAwait(false)
            is { } address)
        {
            _addresses[(resource, endpoint.EndpointName)] = address;
        }
    }

    /// <summary>Connects from inside the container to each upstream, and says what is wrong and how it is put right.</summary>
    public async Task CheckReachAsync(
        string containerId, ImmutableArray<NginxUpstream> upstreams, Action<string> report, CancellationToken cancellationToken)
    {
        foreach (var (upstream, member) in upstreams.SelectMany(static upstream => upstream.Members.Select(member => (upstream, member))))
        {
            var result = await Engine
                .RunAsync(
                    cancellationToken, "exec", containerId, "curl", "--silent", "--insecure", "--output", "/dev/null", "--max-time", "5",
                    $"{upstream.Scheme}://{member}/")
                .ConfigureAwait(false);
            if (Explain(result.ExitCode) is { } problem)
            {
                report($"nginx's container does not reach '{upstream.Name}' at {member}: {problem}");
            }
        }
    }

    /// <summary>What an exit code of curl says of a connection; null where there is one, whatever the answer is.</summary>
    private static string? Explain(int exitCode) => exitCode switch
    {
        6 => "the engine gives containers no such name. Let Aspire's tunnel do it (ASPIRE_ENABLE_CONTAINER_TUNNEL=true), "
            + $"or set {NginxModes.Key}=process.",
        7 => "nothing listens there for containers: a program of this machine listens on the loopback interface only. Let Aspire's tunnel "
            + "pass it on (ASPIRE_ENABLE_CONTAINER_TUNNEL=true), or have it listen on all addresses (TargetHost = \"*\" of its endpoint), "
            + $"or set {NginxModes.Key}=process.",
        28 => "it does not answer within 5 s: a firewall may drop what comes from containers. Allow the engine's network, "
            + $"or set {NginxModes.Key}=process.",
        _ => null,
    };
}

/// <summary>The master process of an nginx in a container, which the engine signals.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ContainerMaster(ContainerEngine engine, TimeProvider timeProvider) : INginxMaster
{
    private volatile string? _container;
    private volatile bool _isDraining;

    public bool IsReady => _container is not null && !_isDraining;

    /// <summary>The id of its container while it runs.</summary>
    public string? ContainerId => _container;

    public bool PrepareSuccessor() => false;

    public void Update(CustomResourceSnapshot snapshot, Action ready, Action<bool> ended, CancellationToken cancellationToken)
    {
        var id = snapshot.Properties.FirstOrDefault(static property => property.Name == "container.id")?.Value as string;
        var isRunning = snapshot.State?.Text == KnownResourceStates.Running && id is { Length: > 0 };
        var before = _container;
        if (isRunning && before != id)
        {
            (_container, _isDraining) = (id, false);
            ready();
        }
        else if (!isRunning && before is not null && KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text))
        {
            _container = null;
            ended(snapshot.ExitCode is null or 0 || _isDraining);
        }
    }

    public async Task<bool> ReloadAsync(CancellationToken cancellationToken) =>
        _container is { } id && await SignalAsync(id, "HUP", cancellationToken).ConfigureAwait(false);

    public async Task<bool> DrainAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        _isDraining = true;
        if (_container is not { } id || !await SignalAsync(id, "QUIT", cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        using var end = new CancellationTokenSource(limit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            await engine.RunAsync(either.Token, "wait", id).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Deletes all files in a folder of the container.</summary>
    /// <returns>What has failed, in one line, or null.</returns>
    public async Task<string?> DeleteFilesAsync(string folder, CancellationToken cancellationToken)
    {
        if (_container is not { } id)
        {
            return null;
        }

        var result = await engine.RunAsync(cancellationToken, "exec", id, "find", folder, "-type", "f", "-delete").ConfigureAwait(false);
        return result.Succeeded ? null : result.LastLine;
    }

    private async Task<bool> SignalAsync(string id, string signal, CancellationToken cancellationToken)
    {
        var result = await engine.RunAsync(cancellationToken, "kill", $"--signal={signal}", id).ConfigureAwait(false);
        return result.Succeeded;
    }
}
