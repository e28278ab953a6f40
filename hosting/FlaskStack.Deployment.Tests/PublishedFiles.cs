using System.Runtime.CompilerServices;
using Aspire.Hosting;

namespace FlaskStack.Deployment.Tests;

/// <summary>What a step of the pipeline writes for a small application, in this process.</summary>
internal sealed class PublishedFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The output folder.</summary>
    public string Folder => _folder["out"];

    /// <summary>The text of a file.</summary>
    public string this[string path] => File.ReadAllText(Path.Combine(Folder, path));

    /// <summary>The paths of all files, in order.</summary>
    public IEnumerable<string> Paths => TemporaryFolder.FilesIn(Folder).Keys;

    /// <summary>Publishes an application.</summary>
    public static async Task<PublishedFiles> WriteAsync(string step, Action<IDistributedApplicationBuilder> declare)
    {
        var files = new PublishedFiles();
        try
        {
            await files.RunAsync(step, declare);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The error that publishing an application ends with; nothing may be written.</summary>
    public static async Task<string> ErrorAsync(string step, Action<IDistributedApplicationBuilder> declare)
    {
        using var files = new PublishedFiles();
        var error = await Assert.ThrowsAnyAsync<DistributedApplicationException>(() => files.RunAsync(step, declare));
        Assert.False(Directory.Exists(files.Folder), "something was written");
        return error.Message;
    }

    /// <summary>Compares with a folder of golden files, which holds no other.</summary>
    public void AssertGolden(string name, [CallerFilePath] string test = "")
    {
        GoldenFile.AssertEqual([.. Paths.Select(path => (Path.Join(name, path), this[path]))], test);
        Assert.Equal(TemporaryFolder.FilesIn(Path.Join(GoldenFile.FolderOf(test), name)).Keys, Paths);
    }

    public void Dispose() => _folder.Dispose();

    private Task RunAsync(string step, Action<IDistributedApplicationBuilder> declare)
    {
        Directory.CreateDirectory(_folder["Shop.AppHost"]);
        return Publisher.RunAsync(step, Folder, _folder["Shop.AppHost"], declare);
    }
}
