using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>What kind of resource a row is, in Aspire's words.</summary>
internal static class ResourceTypes
{
    public const string Project = "Project";
    public const string Executable = "Executable";
    public const string Container = "Container";
    public const string Parameter = "Parameter";
    public const string ConnectionString = "ConnectionString";
    public const string ExternalService = "ExternalService";

    /// <summary>The type an integration declared for its resource, or the one its class stands for.</summary>
    public static string Of(IResource resource, string? declared)
    {
        if (resource.Annotations.OfType<ResourceSnapshotAnnotation>().Any() && !string.IsNullOrEmpty(declared))
        {
            return declared;
        }

        return resource switch
        {
            ProjectResource => Project,
            ExecutableResource => Executable,
            ContainerResource => Container,
            ParameterResource => Parameter,
            ConnectionStringResource => ConnectionString,
            ExternalServiceResource => ExternalService,
            _ => resource.GetType().Name,
        };
    }
}
