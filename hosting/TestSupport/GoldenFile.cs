using System.Runtime.CompilerServices;

namespace TestSupport;

/// <summary>
/// Compares with the files in Golden/ beside the test. FLASKSTACK_WRITE_GOLDEN=1 rewrites them; such a run fails, so that it is looked at.
/// </summary>
internal static class GoldenFile
{
    public static void AssertEqual(IReadOnlyCollection<(string Name, string Actual)> files, [CallerFilePath] string test = "")
    {
        var golden = FolderOf(test);
        if (Environment.GetEnvironmentVariable("FLASKSTACK_WRITE_GOLDEN") == "1")
        {
            foreach (var (name, actual) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(golden, name))!);
                File.WriteAllText(Path.Join(golden, name), actual);
            }

            Assert.Fail($"{golden} is written; look at it, and run again without FLASKSTACK_WRITE_GOLDEN.");
        }

        Assert.All(files, file => Assert.Equal(File.ReadAllText(Path.Join(golden, file.Name)), file.Actual));
    }

    /// <summary>The folder of the golden files of a test.</summary>
    public static string FolderOf(string test) => Path.Join(Path.GetDirectoryName(test), "Golden");
}
