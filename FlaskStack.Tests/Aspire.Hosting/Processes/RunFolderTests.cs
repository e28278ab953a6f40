using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

[SupportedOSPlatform("linux")]
public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Is_gone_with_everything_in_it_when_disposed()
    {
        var run = RunFolder.Create(new RunIdentity());
        File.WriteAllText(run.SocketPath("api.sock"), "");

        run.Dispose();

        Assert.False(Directory.Exists(run.Path));
    }

    [Fact]
    public void Lets_others_pass_through_only_for_root()
    {
        using var run = RunFolder.Create(new RunIdentity(), _folder.Path);

        var others = File.GetUnixFileMode(run.Path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        Assert.Equal(Environment.IsPrivilegedProcess ? UnixFileMode.OtherExecute : UnixFileMode.None, others);
    }

    [Fact]
    public void Rejects_a_name_too_long_for_a_socket()
    {
        using var run = RunFolder.Create(new RunIdentity(), _folder.Path);

        Assert.Throws<ArgumentException>(() => run.SocketPath(new string('x', 108 - run.Path.Length)));
        Assert.NotNull(run.SocketPath(new string('x', 106 - run.Path.Length)));
    }

    [Fact]
    public void Removes_the_folder_of_a_dead_AppHost_and_no_other()
    {
        using var live = RunFolder.Create(new RunIdentity(), _folder.Path);
        var dead = Directory.CreateDirectory(_folder["flaskstack-0000dead"]).FullName;
        File.WriteAllText(Path.Combine(dead, "owner"), $"{int.MaxValue} 1 {LeftoverRecord.CurrentHost()}");
        var foreign = Directory.CreateDirectory(_folder["flaskstack-00other0"]).FullName;

        using var run = RunFolder.Create(new RunIdentity(), _folder.Path);

        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists(live.Path));
        Assert.True(Directory.Exists(foreign));
    }
}
