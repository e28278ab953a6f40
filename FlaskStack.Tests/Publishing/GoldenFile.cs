using System.Runtime.CompilerServices;

namespace FlaskStack.Tests.Publishing;

/// <summary>Compares with the files in Golden/. FLASKSTACK_WRITE_GOLDEN=1 rewrites them; such a run fails, so that it is looked at.</summary>
internal static class GoldenFile
{
    public static void AssertEqual(string name, string actual)
    {
        var path = Path.Join(Folder(), "Golden", name);
        if (Environment.GetEnvironmentVariable("FLASKSTACK_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
            Assert.Fail($"{path} is written; look at it, and run again without FLASKSTACK_WRITE_GOLDEN.");
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
