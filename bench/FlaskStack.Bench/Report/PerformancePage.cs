namespace FlaskStack.Bench.Report;

/// <summary>Writes the newest results into a page of the documentation.</summary>
internal static class PerformancePage
{
    private const string Begin = "<!-- bench: begin -->";
    private const string End = "<!-- bench: end -->";

    /// <summary>Replaces what is between the page's two marks.</summary>
    /// <param name="page">The page's path.</param>
    /// <param name="summary">What comes between.</param>
    /// <param name="results">The folder that the plots are in.</param>
    /// <exception cref="BenchException">A mark is missing.</exception>
    public static void Update(string page, string summary, string results)
    {
        var relative = Path.GetRelativePath(Path.GetDirectoryName(page)!, results).Replace('\\', '/');
        File.WriteAllText(page, Replace(File.ReadAllText(page), summary.Replace("](", $"]({relative}/", StringComparison.Ordinal)));
    }

    /// <summary>The page's text with another summary.</summary>
    internal static string Replace(string text, string summary)
    {
        var begin = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = text.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? $"{text[..(begin + Begin.Length)]}\n\n{summary.Trim()}\n\n{text[end..]}"
            : throw new BenchException($"docs/performance.md must hold the lines {Begin} and {End}, in this order.");
    }
}
