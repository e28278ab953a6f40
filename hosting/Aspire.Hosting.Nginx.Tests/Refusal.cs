namespace Aspire.Hosting.Nginx.Tests;

/// <summary>What the AppHost refuses while it is declared.</summary>
internal static class Refusal
{
    /// <summary>Asserts that a declaration is refused with a message that has a text.</summary>
    public static void AssertRefused(string expected, Action declare) =>
        Assert.Contains(expected, Assert.Throws<DistributedApplicationException>(declare).Message, StringComparison.Ordinal);
}
