namespace FlaskStack.Bench;

internal sealed class BenchException(string message) : Exception(message);

internal sealed class RunFolder : IDisposable
{
    private const string Solution = "FlaskStack.sln";
    public string Folder { get; } = Directory.CreateTempSubdirectory("bench-").FullName;
    public string Repository { get; } = FindRepository();

    /// <summary>A home folder with a developer certificate, so that the user's own is not touched.</summary>
    public string Home => Path.Combine(Folder, "home");

    /// <summary>The path of that certificate, without <c>.pem</c> and <c>.key</c>.</summary>
    public string Certificate => Path.Combine(Folder, "site");
    public string Published => Path.Combine(Folder, "published");
    public string NativeApi => Path.Combine(Repository, "artifacts/bench/native/FlaskStack.TestApi");
    public string FileLimit { get; } = File.ReadLines("/proc/self/limits")
        .Where(line => line.StartsWith("Max open files", StringComparison.Ordinal))
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4])
        .Select(hard => long.TryParse(hard, CultureInfo.InvariantCulture, out _) ? hard : "1000000")
        .First();

    public static async Task<RunFolder> CreateAsync(CancellationToken cancellationToken)
    {
        var site = new RunFolder();
        try
        {
            // nginx's workers, another user's, pass through it.
            await Tool.RunAsync("chmod", ["711", site.Folder], cancellationToken);
            Directory.CreateDirectory(site.Home);
            // Trusting it fails for some browsers, which the bench does not use.
            await Tool.RunAsync("dotnet", ["dev-certs", "https", "--trust"], cancellationToken, site.Home, mayFail: true);
            string[] export = ["dev-certs", "https", "--export-path", site.Certificate + ".pem", "--format", "PEM", "--no-password"];
            await Tool.RunAsync("dotnet", export, cancellationToken, site.Home);
            await Tool.RunAsync(
                Path.Combine(site.Repository, "FlaskStack.AppHost/bin/Release/net10.0/FlaskStack.AppHost"),
                ["--operation", "publish", "--step", "publish-systemd", "--output-path", site.Published],
                cancellationToken);
            return site;
        }
        catch
        {
            site.Dispose();
            throw;
        }
    }

    public static string TemplatePath(string name) => Path.Combine(AppContext.BaseDirectory, "templates", name);
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return folder.FullName;
            }
        }

        throw new BenchException($"{Solution} is in no folder above {AppContext.BaseDirectory}: run the bench from the repository.");
    }
}
