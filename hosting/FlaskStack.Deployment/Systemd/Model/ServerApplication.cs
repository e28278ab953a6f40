using System.Collections.Immutable;

namespace Aspire.Hosting.Systemd.Model;

/// <summary>An application as one server has it.</summary>
internal sealed record ServerApplication
{
    /// <summary>What units, folders and the site are named after.</summary>
    public required string Name { get; init; }

    /// <summary>The AppHost it was published by.</summary>
    public required string AppHost { get; init; }

    /// <summary>The group nginx's workers run as, which may use the sockets of the services.</summary>
    public string ProxyGroup { get; init; } = "www-data";

    /// <summary>The services, by name.</summary>
    public required ImmutableArray<ServerService> Services { get; init; }

    /// <summary>The nginx, or null for an application without one.</summary>
    public ServerProxy? Proxy { get; init; }
}
