using System.Collections.Immutable;
using Aspire.Hosting.Publishing.Values;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Systemd.Model;

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
    public ImmutableArray<PublishedVariable> Variables { get; init; } = [];

    /// <summary>The arguments.</summary>
    public ImmutableArray<PublishedValue> Arguments { get; init; } = [];

    /// <summary>How it is kept alive.</summary>
    public SupervisorOptions Supervision { get; init; } = new();

    /// <summary>Whether the command <c>WithSupervisor</c> asked for it; otherwise what ends stays so.</summary>
    public required bool IsSupervised { get; init; }
}
