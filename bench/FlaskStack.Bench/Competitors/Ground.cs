namespace FlaskStack.Bench.Competitors;

/// <summary>Where a competitor is started.</summary>
/// <param name="Repository">The repository's folder.</param>
/// <param name="Folder">A folder of its own, removed when it stops.</param>
/// <param name="Port">A free port of the loopback interface.</param>
/// <param name="WithTestPaths">Whether the paths that wait and tell the process are wanted.</param>
internal sealed record Ground(string Repository, string Folder, int Port, bool WithTestPaths)
{
    /// <summary>Writes a file into the folder and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The path of a file in the folder.</summary>
    public string At(string name) => Path.Combine(Folder, name);
}
