using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that a resource starts only after another has got somewhere.</summary>
/// <param name="resource">The resource to wait for.</param>
/// <param name="waitType">How far it must have got.</param>
/// <param name="exitCode">The exit code it must end with, where its completion is waited for. Default: 0.</param>
[DebuggerDisplay("Type = {GetType().Name,nq}, Resource = {Resource.Name}")]
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>Gets the resource to wait for.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Gets how far it must have got.</summary>
    public WaitType WaitType { get; } = waitType;

    /// <summary>Gets the exit code it must end with, where its completion is waited for.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>Gets what the wait does when the resource fails; <see langword="null"/> takes <see cref="ResourceNotificationServiceOptions.DefaultWaitBehavior"/>.</summary>
    public WaitBehavior? WaitBehavior { get; init; }
}
