using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Runtime;

namespace Aspire.Hosting;

/// <summary>Reads how resources are supervised, for deployment targets.</summary>
public static class SupervisorResourceExtensions
{
    /// <summary>Gets the options of <c>WithSupervisor</c>.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="options">The options, if it is supervised.</param>
    /// <returns>Whether it is supervised.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="resource"/> is null.</exception>
    public static bool TryGetSupervisorOptions(this IResource resource, [NotNullWhen(true)] out SupervisorOptions? options)
    {
        ArgumentNullException.ThrowIfNull(resource);

        options = resource.Annotations.OfType<SupervisorAnnotation>().LastOrDefault(annotation => !annotation.Options.IsNone)?.Options;
        return options is not null;
    }
}
