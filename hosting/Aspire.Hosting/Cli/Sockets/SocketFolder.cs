using System.Net.Sockets;
using System.Text;

namespace Aspire.Hosting.Cli.Sockets;

/// <summary>The folder in the user's home in which the CLI looks for AppHosts, closed to everybody else.</summary>
internal sealed class SocketFolder
{
    // sockaddr_un has 108 bytes on Linux and 104 on macOS, with a zero at the end.
    private const int LongestPath = 107;
    private const int LongestPathElsewhere = 103;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly string[] Folders = [".aspire", "cli", "bch"];

    private SocketFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Creates the folder where it is missing, and closes it to others.</summary>
    /// <param name="home">The user's home folder.</param>
    /// <exception cref="IOException">It cannot be had.</exception>
    public static SocketFolder Open(string home)
    {
        if (!System.IO.Path.IsPathFullyQualified(home))
        {
            throw new IOException("this user has no home folder; set HOME");
        }

        var path = System.IO.Path.Combine([home, .. Folders]);
        try
        {
            Directory.CreateDirectory(path);
            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly)
            {
                File.SetUnixFileMode(path, OwnerOnly);
            }
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }

        return new SocketFolder(path);
    }

    /// <summary>A new path for the socket of this run.</summary>
    /// <exception cref="IOException">It is too long for a socket.</exception>
    public string NewSocket(string appHostId, int processId)
    {
        var path = System.IO.Path.Combine(Path, AppHostSocket.NewName(appHostId, processId));
        var longest = OperatingSystem.IsLinux() ? LongestPath : LongestPathElsewhere;
        return Encoding.UTF8.GetByteCount(path) <= longest
            ? path
            : throw new IOException($"the path {path} is longer than the {longest} bytes that a socket's may have; set HOME to a shorter one");
    }

    /// <summary>Removes the sockets of runs of this AppHost that died. One that still takes clients is of a container that shares the folder.</summary>
    /// <param name="appHostId">What tells AppHosts apart.</param>
    /// <param name="isAlive">Whether a process runs.</param>
    public void RemoveLeftovers(string appHostId, Func<int, bool> isAlive)
    {
        foreach (var path in Directory.EnumerateFiles(Path, appHostId + "*"))
        {
            if (AppHostSocket.ProcessIdIn(System.IO.Path.GetFileName(path), appHostId) is { } processId && !isAlive(processId) && !IsServed(path))
            {
                Delete(path);
            }
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It takes no client, so it is in nobody's way.
        }
    }

    private static bool IsServed(string path)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
