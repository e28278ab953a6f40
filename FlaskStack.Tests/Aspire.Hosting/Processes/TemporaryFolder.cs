namespace FlaskStack.Tests.Hosting.Processes;

/// <summary>A folder of the test's own.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("flaskstack-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string WriteFile(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
