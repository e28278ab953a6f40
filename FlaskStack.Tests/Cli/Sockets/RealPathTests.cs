using System.Runtime.Versioning;
using Aspire.Hosting.Cli.Sockets;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli.Sockets;

[UnsupportedOSPlatform("windows")]
public sealed class RealPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _root;

    public RealPathTests() => _root = RealPath.Of(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Follows_links_of_folders_and_files_whether_they_are_relative_or_not()
    {
        Directory.CreateDirectory(Path.Combine(_root, "real/deep"));
        _folder.WriteFile("real/deep/file", "");
        Directory.CreateSymbolicLink(_folder["absolute"], Path.Combine(_root, "real"));
        Directory.CreateSymbolicLink(_folder["relative"], "absolute/deep");
        File.CreateSymbolicLink(_folder["file"], "relative/file");

        Assert.All(
            ["absolute/deep/file", "relative/file", "file", "real/../file"],
            path => Assert.Equal(Path.Combine(_root, "real/deep/file"), RealPath.Of(_folder[path])));
    }

    [Fact]
    public void Leaves_as_it_is_what_does_not_exist_or_leads_nowhere()
    {
        Directory.CreateSymbolicLink(_folder["loop"], "loop");

        Assert.Equal(Path.Combine(_root, "missing/file"), RealPath.Of(_folder["missing/file"]));
        Assert.Equal(Path.Combine(_root, "loop/file"), RealPath.Of(_folder["loop/file"]));
    }
}
