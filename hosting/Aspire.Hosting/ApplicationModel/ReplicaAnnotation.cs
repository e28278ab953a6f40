using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says how many instances of a resource run.</summary>
/// <param name="replicas">The number of instances. Default: 1.</param>
[DebuggerDisplay("Type = {GetType().Name,nq}, Replicas = {Replicas}")]
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    /// <summary>Gets the number of instances.</summary>
    public int Replicas { get; } = replicas;
}
