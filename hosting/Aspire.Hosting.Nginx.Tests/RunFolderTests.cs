using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Processes;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class RunFolderTests : IDisposable
{
    private const int AppHosts = 8;
    private const int Abandoned = 50;

    /// <summary>The mode of <c>/tmp</c> (1777).</summary>
    private const UnixFileMode Shared = Everyone | UnixFileMode.StickyBit;

    private const UnixFileMode Everyone = PrivateFolder.OwnerOnly
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly WorkerUser? Workers = Environment.IsPrivilegedProcess ? new(OtherUser.Nobody, OtherUser.Nobody) : null;

    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("shared-");

    public RunFolderTests()
    {
        _temporary.UnixFileMode = Shared;
        Parent = PrivateParent.Of(name => name == "TMPDIR" ? _temporary.FullName : null);
    }

    private PrivateParent Parent { get; }

    public void Dispose() => _temporary.Delete(recursive: true);

    [Fact]
    public async Task AppHosts_that_start_at_once_share_the_clearing_of_abandoned_folders()
    {
        Parent.Ensure();
        string[] abandoned = [.. Enumerable.Range(0, Abandoned).Select(_ => MakeFolder($"nginx-{Guid.NewGuid():N}"))];

        await Task.WhenAll(Enumerable.Range(0, AppHosts).Select(_ => Task.Factory.StartNew(() =>
        {
            using var folder = RunFolder.Create(Workers, Parent);
            Assert.True(Directory.Exists(folder.Paths.TemporaryFolder));
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.DoesNotContain(abandoned, Directory.Exists);
    }

    [Fact]
    public void Other_users_can_enter_only_the_parent_and_only_where_workers_must()
    {
        using var folder = RunFolder.Create(Workers, Parent);

        Assert.Equal(Path.Join(_temporary.FullName, PrivateParent.NameForUser), Path.GetDirectoryName(folder.Paths.Folder));
        var others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        Assert.Equal(Workers is null ? 0 : UnixFileMode.OtherExecute, File.GetUnixFileMode(Parent.Path) & others);
        Assert.Equal(default, File.GetUnixFileMode(folder.Paths.Folder) & others);
    }

    [Fact]
    public void Uses_the_runtime_folder_where_it_is_this_users_alone()
    {
        var runtime = Directory.CreateDirectory(Path.Join(_temporary.FullName, "runtime"), PrivateFolder.OwnerOnly);
        string Chosen() => PrivateParent.Of(name => name == "TMPDIR" ? _temporary.FullName : runtime.FullName).Path;

        // Root's is for its own processes only, and nginx's workers are not.
        Assert.Equal(Environment.IsPrivilegedProcess ? Parent.Path : Path.Join(runtime.FullName, "aspire-hosting"), Chosen());

        runtime.UnixFileMode |= UnixFileMode.GroupExecute;
        Assert.Equal(Parent.Path, Chosen());
    }

    [Fact]
    public async Task Keeps_the_folder_of_an_AppHost_that_another_PID_namespace_hides()
    {
        Parent.Ensure();
        var living = MakeFolder("nginx-living");
        string[] holdLock = ["flock", "-n", living, "sh", "-c", "echo held; exec sleep 60"];
        string[] command = Environment.IsPrivilegedProcess
            ? ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", .. holdLock]
            : holdLock;
        using var other = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync().WaitAsync(Deadline));

        RunFolder.Create(Workers, Parent).Dispose();
        Assert.True(Directory.Exists(living));

        other.Kill(entireProcessTree: true);
        await other.StandardOutput.ReadToEndAsync().WaitAsync(Deadline);
        RunFolder.Create(Workers, Parent).Dispose();
        Assert.False(Directory.Exists(living));
    }

    [Fact]
    public void Keeps_its_folder_after_a_cleaner_has_emptied_it()
    {
        using var folder = RunFolder.Create(Workers, Parent);
        Directory.Delete(folder.Paths.Folder, recursive: true);
        folder.Ensure();
        Assert.All(folder.Paths.WorkerFolders, path => Assert.True(Directory.Exists(path)));
        foreach (var file in Directory.EnumerateFiles(folder.Paths.Folder))
        {
            File.Delete(file);
        }

        RunFolder.Create(Workers, Parent).Dispose();

        Assert.True(Directory.Exists(folder.Paths.Folder));
    }

    [Fact]
    public void Deletes_nothing_behind_a_link()
    {
        var kept = Path.Join(_temporary.CreateSubdirectory("kept").FullName, "file");
        File.WriteAllText(kept, "");
        Parent.Ensure();
        Directory.CreateSymbolicLink(Path.Join(Parent.Path, "nginx-linked"), Path.GetDirectoryName(kept)!);
        var abandoned = MakeFolder("nginx-abandoned");
        Directory.CreateSymbolicLink(Path.Join(abandoned, "linked"), Path.GetDirectoryName(kept)!);

        RunFolder.Create(Workers, Parent).Dispose();

        Assert.False(Directory.Exists(abandoned));
        Assert.True(File.Exists(kept));
    }

    [RootTheory]
    [InlineData("mkdir -m 777 -p {0}/nginx-mine")]
    [InlineData("mkdir mine; ln -s mine {0}")]
    [InlineData("ln -s /root {0}")]
    public async Task Refuses_a_parent_that_another_user_has_made(string line)
    {
        Assert.True(await OtherUser.RunAsync($"cd {_temporary.FullName} && {string.Format(null, line, Parent.Path)}"));

        var error = Assert.Throws<DistributedApplicationException>(() => RunFolder.Create(Workers, Parent));

        Assert.Equal(
            $"nginx's files cannot be written to {Parent.Path}: it belongs to another user, or is a link. "
            + "Make that a writable folder of your own, or set TMPDIR to another folder.",
            error.Message);
        Assert.Equal(line.Contains("nginx-mine", StringComparison.Ordinal), Directory.Exists(Path.Join(Parent.Path, "nginx-mine")));
    }

    [Fact]
    public void Refuses_a_temporary_folder_in_which_others_can_replace_its_own()
    {
        _temporary.UnixFileMode = Everyone;

        var error = Assert.Throws<DistributedApplicationException>(() => RunFolder.Create(Workers, Parent));

        Assert.Contains($": other users can write to {_temporary.FullName}. ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_folder_whose_path_is_too_long_for_a_socket()
    {
        var deep = _temporary.CreateSubdirectory(new string('a', 100)).FullName;
        var parent = PrivateParent.Of(name => name == "TMPDIR" ? deep : null);

        var error = Assert.Throws<DistributedApplicationException>(() => RunFolder.Create(Workers, parent));

        Assert.Contains(": its path is too long for a Unix socket. ", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(parent.Path));
    }

    [RootFact]
    public async Task A_worker_cannot_replace_what_root_deletes()
    {
        const int files = 1000;
        var kept = _temporary.CreateSubdirectory("kept").FullName;
        Assert.All(Enumerable.Range(1, files), name => File.WriteAllText(Path.Join(kept, $"{name}"), ""));
        var folder = RunFolder.Create(Workers, Parent);
        var body = folder.Paths.BodyFolder;
        Assert.True(await OtherUser.RunAsync($"cd {body} && mkdir -p 0/s && for i in $(seq {files}); do : >0/s/$i; done"));

        // Swaps a folder and a link to one of root's, with files of the same names, for as long as it can.
        var swapping = OtherUser.RunAsync(
            $"cd {body}/0 && while mv s s2 && ln -s {kept} s && : >../swapped && rm s && mv s2 s; do :; done 2>/dev/null");
        while (!File.Exists(Path.Join(body, "swapped")))
        {
            await Task.Yield();
        }

        folder.Dispose();
        await swapping;

        Assert.False(Directory.Exists(folder.Paths.Folder));
        Assert.Equal(files, Directory.GetFiles(kept).Length);
    }

    [RootFact]
    public async Task Only_the_workers_can_connect_to_a_socket_of_a_replica()
    {
        using var replicas = PrivateFolder.Create(Parent, "replicas-");
        var path = Path.Join(replicas.Path, "api-1.sock");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, Everyone);
        Assert.False(await OtherUser.RunAsync($"test -w {path}"));

        var workers = new WorkerUser(33, 33);
        Assert.True(new WorkerAccess(workers, NullLogger.Instance).Admit(path));

        Assert.True(await OtherUser.RunAsync($"test -w {path}", workers.Id, workers.GroupId));
        Assert.False(await OtherUser.RunAsync($"test -w {path} || test -x {replicas.Path}"));
    }

    private string MakeFolder(string name) => Directory.CreateDirectory(Path.Join(Parent.Path, name)).FullName;
}
