using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something mounted into a container.</summary>
[DebuggerDisplay("Type = {GetType().Name,nq}, Source = {Source}, Target = {Target}")]
public sealed class ContainerMountAnnotation : IResourceAnnotation
{
    /// <summary>Describes a mount.</summary>
    /// <param name="source">The host's absolute path, or the volume's name; null for a nameless volume.</param>
    /// <param name="target">The path inside the container.</param>
    /// <param name="type">What is mounted.</param>
    /// <param name="isReadOnly">Whether the container may only read.</param>
    /// <exception cref="ArgumentException">The source does not fit the type.</exception>
    public ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);

        switch (type)
        {
            case ContainerMountType.BindMount when string.IsNullOrEmpty(source):
                throw new ArgumentNullException(nameof(source), $"The bind mount at '{target}' names no path of the host.");
            case ContainerMountType.BindMount when !Path.IsPathRooted(source):
                throw new ArgumentException($"The bind mount at '{target}' needs an absolute path of the host, not '{source}'.", nameof(source));
            case ContainerMountType.Volume when source is null && isReadOnly:
                throw new ArgumentException($"The nameless volume at '{target}' would stay empty: name it, or let the container write.", nameof(isReadOnly));
        }

        Source = source;
        Target = target;
        Type = type;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The host's absolute path, or the volume's name; null for a nameless volume.</summary>
    public string? Source { get; }

    /// <summary>The path inside the container.</summary>
    public string Target { get; }

    /// <summary>What is mounted.</summary>
    public ContainerMountType Type { get; }

    /// <summary>Whether the container may only read.</summary>
    public bool IsReadOnly { get; }
}
