namespace FlaskStack.Tests.Hosting.Resources;

/// <summary>A folder with a project file and whatever settings a test gives it.</summary>
internal sealed class ProjectFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("project-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "Api.csproj");

    public ProjectFolder Write(string? launchSettings = null, string? appSettings = null)
    {
        File.WriteAllText(Path, "<Project />");
        if (launchSettings is not null)
        {
            var properties = _folder.CreateSubdirectory("Properties");
            File.WriteAllText(System.IO.Path.Combine(properties.FullName, "launchSettings.json"), launchSettings);
        }

        if (appSettings is not null)
        {
            File.WriteAllText(System.IO.Path.Combine(_folder.FullName, "appsettings.json"), appSettings);
        }

        return this;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
