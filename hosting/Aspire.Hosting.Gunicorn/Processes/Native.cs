using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Gunicorn.Processes;

/// <summary>What .NET has no call for.</summary>
[UnsupportedOSPlatform("windows")]
internal static unsafe partial class Native
{
    public const int HangUp = 1;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>One worker more (<c>SIGTTIN</c>).</summary>
    public const int MoreWorkers = 21;

    /// <summary>One worker less (<c>SIGTTOU</c>).</summary>
    public const int FewerWorkers = 22;

    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int NoBrokenPipe = 0x4000;

    /// <summary>Sends a signal.</summary>
    /// <returns>Whether the process is there and may be signalled.</returns>
    public static bool Send(int signal, int processId) => SendSignal(processId, signal) == 0;

    /// <summary>Passes sockets to the process at the other end of a connection (<c>SCM_RIGHTS</c>).</summary>
    /// <exception cref="IOException">The other end has gone.</exception>
    [SupportedOSPlatform("linux")]
    public static void Pass(Socket connection, IReadOnlyList<Socket> sockets)
    {
        var header = sizeof(ControlHeader);
        Span<byte> control = stackalloc byte[Align(header + (sockets.Count * sizeof(int)))];
        var length = header + (sockets.Count * sizeof(int));
        MemoryMarshal.Write(control, new ControlHeader { Length = length, Level = SocketLevel, Kind = Rights });
        for (var index = 0; index < sockets.Count; index++)
        {
            MemoryMarshal.Write(control[(header + (index * sizeof(int)))..], (int)sockets[index].Handle);
        }

        byte content = 0;
        var piece = new Piece { Start = &content, Length = 1 };
        fixed (byte* start = control)
        {
            var message = new Message { Pieces = &piece, PieceCount = 1, Control = start, ControlLength = length };
            if (SendMessage((int)connection.Handle, &message, NoBrokenPipe) < 0)
            {
                throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            }
        }
    }

    private static int Align(int length) => (length + sizeof(nint) - 1) / sizeof(nint) * sizeof(nint);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(int socket, Message* message, int flags);

    /// <summary><c>struct msghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public int NameLength;
        public Piece* Pieces;
        public nint PieceCount;
        public void* Control;
        public nint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Piece
    {
        public void* Start;
        public nint Length;
    }

    /// <summary><c>struct cmsghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        public nint Length;
        public int Level;
        public int Kind;
    }
}
