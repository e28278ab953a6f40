using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>What a change of a row means for nginx.</summary>
/// <param name="Members">Whether the members are others than before.</param>
/// <param name="Serving">The addresses that serve from now on.</param>
internal readonly record struct MembershipChange(bool Members, ImmutableArray<string> Serving)
{
    public static readonly MembershipChange None = new(false, []);

    public MembershipChange And(MembershipChange other) => new(Members || other.Members, Serving.AddRange(other.Serving));
}
