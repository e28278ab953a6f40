namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says which compute environment a resource goes to.</summary>
internal sealed record ComputeEnvironmentAnnotation(IComputeEnvironmentResource ComputeEnvironment) : IResourceAnnotation;
