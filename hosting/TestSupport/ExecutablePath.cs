namespace TestSupport;

/// <summary>Finds programs that a machine may have.</summary>
internal static class ExecutablePath
{
    /// <summary>The full path of the first of these names on the <c>PATH</c>, or null.</summary>
    public static string? Find(params IReadOnlyList<string> names) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(_ => names, Path.Combine)
        .FirstOrDefault(File.Exists);
}
