using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Says that a resource is supervised, and how.</summary>
internal sealed class SupervisorAnnotation : IResourceAnnotation
{
    public SupervisorOptions Options { get; set; } = new();
}
