using Aspire.Hosting.Orchestration.Instances;

namespace Aspire.Hosting.Orchestration;

/// <summary>A start that is under way: of which instances, and the wait that comes first.</summary>
internal sealed record ResourceStart(IReadOnlyList<ResourceInstance> Instances, DependencyWait Dependencies);
