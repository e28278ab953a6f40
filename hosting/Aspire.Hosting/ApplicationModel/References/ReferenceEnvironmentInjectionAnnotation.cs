namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says which variables references bring to a resource. Without it: all.</summary>
/// <param name="flags">Which variables.</param>
public sealed class ReferenceEnvironmentInjectionAnnotation(ReferenceEnvironmentInjectionFlags flags) : IResourceAnnotation
{
    /// <summary>Which variables.</summary>
    public ReferenceEnvironmentInjectionFlags Flags { get; } = flags;
}
