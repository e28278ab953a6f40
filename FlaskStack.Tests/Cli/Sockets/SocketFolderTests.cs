using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Cli.Sockets;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli.Sockets;

[UnsupportedOSPlatform("windows")]
public sealed class SocketFolderTests : IDisposable
{
    private const string Id = "96jErQS-uKs";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Is_created_for_its_owner_alone()
    {
        var folder = SocketFolder.Open(_home.Path);

        Assert.Equal(_home[".aspire/cli/bch"], folder.Path);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder.Path));
    }

    [Fact]
    public void Is_closed_to_others_where_the_CLI_made_it()
    {
        Directory.CreateDirectory(_home[".aspire/cli/bch"], OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherExecute);

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(SocketFolder.Open(_home.Path).Path));
    }

    [Fact]
    public void Is_not_to_be_had_where_a_file_is_in_its_place()
    {
        _home.WriteFile(".aspire", "");

        Assert.ThrowsAny<IOException>(() => SocketFolder.Open(_home.Path));
    }

    [Fact]
    public void Says_what_to_set_when_a_path_is_too_long_for_a_socket()
    {
        var folder = SocketFolder.Open(Directory.CreateDirectory(_home[new string('x', 100)]).FullName);

        var problem = Assert.Throws<IOException>(() => folder.NewSocket(Id, 1));

        Assert.Contains("HOME", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Removes_the_sockets_of_dead_runs_of_the_AppHost_and_nothing_else()
    {
        var folder = SocketFolder.Open(_home.Path);
        var dead = Leave(folder, $"{Id}abcdefgh.11");
        string[] others = [Leave(folder, $"{Id}abcdefgh.12"), Leave(folder, "AAAAAAAAAAAabcdefgh.11"), Leave(folder, "cAbCdEfGh"), Leave(folder, $"{Id}.txt")];

        folder.RemoveLeftovers(Id, static processId => processId == 12);

        Assert.False(File.Exists(dead));
        Assert.All(others, static path => Assert.True(File.Exists(path), path));
    }

    [Fact]
    public void Leaves_a_socket_that_takes_clients_though_its_process_is_not_to_be_seen()
    {
        var folder = SocketFolder.Open(_home.Path);
        var path = Path.Combine(folder.Path, $"{Id}abcdefgh.11");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();

        folder.RemoveLeftovers(Id, static _ => false);

        Assert.True(File.Exists(path));
    }

    private static string Leave(SocketFolder folder, string name)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllText(path, "");
        return path;
    }
}
