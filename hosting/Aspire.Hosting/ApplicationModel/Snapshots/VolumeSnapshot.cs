using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Storage that a resource sees.</summary>
/// <param name="Source">Where it comes from; <see langword="null"/> for an anonymous volume.</param>
/// <param name="Target">The path inside the resource.</param>
/// <param name="MountType">The kind: <c>bind</c> or <c>volume</c>.</param>
/// <param name="IsReadOnly">Whether the resource may only read it.</param>
[DebuggerDisplay("{Source}", Name = "{Target}")]
public sealed record VolumeSnapshot(string? Source, string Target, string MountType, bool IsReadOnly);
