using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that a resource starts only when somebody asks for it.</summary>
[DebuggerDisplay("Type = {GetType().Name,nq}")]
public sealed class ExplicitStartupAnnotation : IResourceAnnotation
{
}
