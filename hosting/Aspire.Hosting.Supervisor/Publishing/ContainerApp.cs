using System.Collections.Immutable;

namespace Aspire.Hosting.Supervisor.Publishing;

/// <summary>A project as Azure Container Apps runs it.</summary>
/// <param name="Name">The name of the app, under which others find it.</param>
/// <param name="MinReplicas">How many replicas there are at least.</param>
/// <param name="MaxReplicas">How many there are at most.</param>
/// <param name="StopSeconds">How long a replica has to end.</param>
/// <param name="IsExternal">Whether it is reached from outside.</param>
/// <param name="IsHttp2">Whether it is spoken to in HTTP/2.</param>
/// <param name="Environment">Its environment variables.</param>
internal sealed record ContainerApp(
    string Name,
    int MinReplicas,
    int MaxReplicas,
    int StopSeconds,
    bool IsExternal,
    bool IsHttp2,
    ImmutableArray<ContainerAppVariable> Environment);
