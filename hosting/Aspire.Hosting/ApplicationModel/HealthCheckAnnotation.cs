using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Ties a registered health check to a resource.</summary>
/// <param name="key">The name under which the check is registered in the AppHost's services.</param>
[DebuggerDisplay("Type = {GetType().Name,nq}, Key = {Key}")]
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>Gets the name under which the check is registered.</summary>
    public string Key { get; } = key;
}
