namespace FlaskStack.Bench.Competitors;

/// <summary>Linux's scheduling for batch work, which our stack runs with.</summary>
internal static class BatchWork
{
    /// <summary>What a command is put behind.</summary>
    public static IReadOnlyList<string> Prefix { get; } = ["chrt", "--batch", "0"];
}
