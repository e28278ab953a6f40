using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Free loopback ports for listeners that outlive a restart. They come from outside the range that the kernel takes local ports of
/// outgoing connections from, or such a connection could take the port while its listener restarts.
/// </summary>
internal sealed class PortAllocator
{
    private const int First = 20000;
    private const int Last = 29999;
    private const int Highest = 65535;
    private const int FewestPorts = 1000;
    private const string RangeFile = "/proc/sys/net/ipv4/ip_local_port_range";

    private readonly string _lockFolder;

    /// <summary>An allocator that shares its locks with the other AppHosts of this user.</summary>
    public PortAllocator()
        : this(DefaultLockFolder())
    {
    }

    /// <summary>An allocator with its locks in <paramref name="lockFolder"/>.</summary>
    internal PortAllocator(string lockFolder) => _lockFolder = lockFolder;

    /// <summary>Takes a free port.</summary>
    /// <exception cref="IOException">There is none left.</exception>
    public PortLease Allocate()
    {
        var (first, last) = OperatingSystem.IsLinux() && File.Exists(RangeFile) ? ChooseRange(File.ReadAllText(RangeFile)) : (First, Last);
        var ports = Enumerable.Range(first, last - first + 1).ToArray();
        Random.Shared.Shuffle(ports);
        foreach (var port in ports)
        {
            if (TryAllocate(port) is { } lease)
            {
                return lease;
            }
        }

        throw new IOException($"No free TCP port between {first} and {last}: end some of the programs that listen there.");
    }

    /// <summary>Takes this port; null when it is in use or another AppHost has it.</summary>
    public PortLease? TryAllocate(int port)
    {
        if (!TryLock(port, out var lockFile))
        {
            return null;
        }

        if (IsPortFree(port))
        {
            return new PortLease(port, lockFile);
        }

        lockFile?.Dispose();
        return null;
    }

    /// <summary>Whether a process may listen on this port of both loopback addresses now.</summary>
    public static bool IsPortFree(int port) =>
        CanListen(new IPEndPoint(IPAddress.Loopback, port))
        && (!Socket.OSSupportsIPv6 || CanListen(new IPEndPoint(IPAddress.IPv6Loopback, port)));

    /// <summary>Who listens on this port, as far as this user may see. Linux only; null elsewhere.</summary>
    public static PortOwner? WhoListens(int port) => OperatingSystem.IsLinux() ? ListenerTable.Find(port) : null;

    /// <summary>The ports to choose from, given the kernel's range of ephemeral ports as text.</summary>
    internal static (int First, int Last) ChooseRange(string ephemeral)
    {
        var bounds = ephemeral.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (bounds.Length != 2
            || !int.TryParse(bounds[0], NumberStyles.None, CultureInfo.InvariantCulture, out var low)
            || !int.TryParse(bounds[1], NumberStyles.None, CultureInfo.InvariantCulture, out var high)
            || high < First)
        {
            return (First, Last);
        }

        if (low - First >= FewestPorts)
        {
            return (First, Math.Min(low - 1, Highest));
        }

        return Highest - high >= FewestPorts ? (high + 1, Highest) : (First, Last);
    }

    private static string DefaultLockFolder()
    {
        var runtime = System.Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return Path.IsPathFullyQualified(runtime ?? "") && UserFolders.IsWritable(runtime!)
            ? Path.Combine(runtime!, "flaskstack-ports")
            : Path.Combine(Path.GetTempPath(), $"flaskstack-ports-{System.Environment.UserName}");
    }

    // Lock files stay: a file that is deleted while another waits for it would be locked twice.
    private bool TryLock(int port, out FileStream? lockFile)
    {
        lockFile = null;
        try
        {
            UserFolders.Create(_lockFolder);
            lockFile = new FileStream(
                Path.Combine(_lockFolder, string.Create(CultureInfo.InvariantCulture, $"{port}.lock")),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 0);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            // Someone else's folder: without the lock, listening for a moment still tells a port that is in use.
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool CanListen(IPEndPoint address)
    {
        try
        {
            // Binding alone succeeds beside another socket that is bound and does not listen.
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(address);
            socket.Listen(1);
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported
                && address.AddressFamily == AddressFamily.InterNetworkV6;
        }
    }
}
