using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

[SupportedOSPlatform("linux")]
public sealed class UserFoldersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prefers_the_configured_folder() =>
        Assert.Equal(_folder["x/flaskstack"], UserFolders.Ready(_folder["x"], _folder["home"], [".cache"], "XDG_CACHE_HOME"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative")]
    public void Falls_back_to_the_home_folder(string? configured) =>
        Assert.Equal(_folder["home/.local/state/flaskstack"], UserFolders.Ready(configured, _folder["home"], [".local", "state"], "XDG_STATE_HOME"));

    [Fact]
    public void Is_private_to_the_user() =>
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(UserFolders.Ready(_folder["x"], null, [], "XDG_STATE_HOME")));

    [Fact]
    public void Names_the_folder_and_the_variable_when_it_cannot_be_written()
    {
        var file = _folder.WriteFile("file", "");

        var exception = Assert.Throws<IOException>(() => UserFolders.Ready(file, null, [], "XDG_STATE_HOME"));

        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Set XDG_STATE_HOME", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_the_variable_when_there_is_no_home() =>
        Assert.Contains(
            "XDG_CACHE_HOME",
            Assert.Throws<IOException>(() => UserFolders.Ready(null, "", [".cache"], "XDG_CACHE_HOME")).Message,
            StringComparison.Ordinal);
}
