using System.Runtime.CompilerServices;
using Aspire.Hosting;

namespace FlaskStack.Tests.Publishing;

/// <summary>What a step of the pipeline writes for a small application, in this process.</summary>
internal sealed class PublishedFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The output folder.</summary>
    public string Folder => _folder["out"];

    /// <summary>The text of a file.</summary>
    public string this[string path] => File.ReadAllText(Path.Combine(Folder, path));

    /// <summary>The paths of all files, in order.</summary>
    public IEnumerable<string> Paths =>
        Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal);

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

    /// <summary>Compares with the folder Golden beside the test. FLASKSTACK_WRITE_GOLDEN=1 rewrites it; such a run fails, so that it is looked at.</summary>
    public void AssertGolden(string name, [CallerFilePath] string caller = "")
    {
        var golden = Path.Combine(Path.GetDirectoryName(caller)!, "Golden", name);
        if (Environment.GetEnvironmentVariable("FLASKSTACK_WRITE_GOLDEN") == "1")
        {
            foreach (var path in Paths)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(golden, path))!);
                File.WriteAllText(Path.Combine(golden, path), this[path]);
            }

            Assert.Fail($"{golden} is written; look at it, and run again without FLASKSTACK_WRITE_GOLDEN.");
        }

        Assert.Equal(Directory.GetFiles(golden, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(golden, file).Replace('\\', '/')).Order(StringComparer.Ordinal), Paths);
        Assert.All(Paths, path => Assert.Equal(File.ReadAllText(Path.Combine(golden, path)), this[path]));
    }

    public void Dispose() => _folder.Dispose();

    private Task RunAsync(string step, Action<IDistributedApplicationBuilder> declare)
    {
        Directory.CreateDirectory(_folder["Shop.AppHost"]);
        return Publisher.RunAsync(step, Folder, _folder["Shop.AppHost"], declare);
    }
}
