namespace Aspire.Hosting.Cli.Sockets;

/// <summary>The path of a file without symbolic links, by which the CLI knows an AppHost whichever way it was reached.</summary>
internal static class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>Resolves every link of the path; what does not exist or cannot be read stays as it is.</summary>
    public static string Of(string path) => Resolve(Path.GetFullPath(path), MostLinks);

    private static string Resolve(string path, int links)
    {
        var root = Path.GetPathRoot(path)!;
        var resolved = root;
        foreach (var part in path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(resolved, part);
            resolved = links > 0 && Target(next) is { } target ? Resolve(target, --links) : next;
        }

        return resolved;
    }

    private static string? Target(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
