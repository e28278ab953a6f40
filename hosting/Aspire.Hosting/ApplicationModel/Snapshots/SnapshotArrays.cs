using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A snapshot may hold arrays that were never set, which cannot be enumerated.</summary>
internal static class SnapshotArrays
{
    public static ImmutableArray<T> OrEmpty<T>(this ImmutableArray<T> array) => array.IsDefault ? [] : array;
}
