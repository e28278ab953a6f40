using System.Collections.Immutable;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

/// <summary>An application as one server has it.</summary>
internal sealed record ServerApplication
{
    /// <summary>What units, folders and the site are named after.</summary>
    public required string Name { get; init; }

    /// <summary>The AppHost it was published by.</summary>
    public required string AppHost { get; init; }

    /// <summary>The group nginx's workers run as, which may use the sockets of the services.</summary>
    public required string ProxyGroup { get; init; }

    /// <summary>The services, by name.</summary>
    public required ImmutableArray<ServerService> Services { get; init; }

    /// <summary>The nginx, or null for an application without one.</summary>
    public ServerProxy? Proxy { get; init; }

    public ServerPaths Paths => new(Name);
}

/// <summary>A project of the application as systemd runs it: one unit a replica.</summary>
internal sealed record ServerService
{
    /// <summary>The name of the resource.</summary>
    public required string Name { get; init; }

    /// <summary>The file to execute in the folder of a release.</summary>
    public required string Executable { get; init; }

    /// <summary>The project file, as people find it: relative to the AppHost's.</summary>
    public required string Project { get; init; }

    /// <summary>Whether the release is native code, which makes none at run time.</summary>
    public required bool IsNative { get; init; }

    /// <summary>How many replicas there are, at least 1.</summary>
    public required int Replicas { get; init; }

    /// <summary>The environment, by name.</summary>
    public ImmutableArray<Variable> Variables { get; init; } = [];

    /// <summary>The arguments.</summary>
    public ImmutableArray<PublishedValue> Arguments { get; init; } = [];

    /// <summary>How it is kept alive.</summary>
    public SupervisorOptions Supervision { get; init; } = new();

    /// <summary>Whether <c>WithSupervisor</c> asked for it; otherwise what ends stays so.</summary>
    public required bool IsSupervised { get; init; }
}

/// <summary>The nginx in front.</summary>
/// <param name="Publication">Its configuration, with the address it listens on, and its files.</param>
/// <param name="Upstreams">The services behind it: the name of the upstream and that of the service.</param>
/// <param name="Supervision">How it is kept alive, or null when nobody asked for it.</param>
internal sealed record ServerProxy(
    NginxPublication Publication, ImmutableArray<(string Upstream, string Service)> Upstreams, SupervisorOptions? Supervision)
{
    /// <summary>How many connections a worker is to have: <c>worker_connections</c>, which is for nginx.conf.</summary>
    public int Connections => Publication.Configuration.Workers.Connections ?? WorkerSizing.DefaultConnections;
}
