using System.Runtime.CompilerServices;

namespace FlaskStack.Tests.Publishing;

/// <summary>Compares with the files in Golden/. FLASKSTACK_WRITE_GOLDEN=1 rewrites them; such a run fails, so that it is looked at.</summary>
internal static class GoldenFile
{
    public static void AssertEqual(params (string Name, string Actual)[] files)
    {
        if (Environment.GetEnvironmentVariable("FLASKSTACK_WRITE_GOLDEN") == "1")
        {
            foreach (var (name, actual) in files)
            {
                File.WriteAllText(PathOf(name), actual);
            }

            Assert.Fail("The files are written; look at them, and run again without FLASKSTACK_WRITE_GOLDEN.");
        }

        Assert.All(files, file => Assert.Equal(File.ReadAllText(PathOf(file.Name)), file.Actual));
    }

    private static string PathOf(string name) => Path.Join(Folder(), "Golden", name);

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
