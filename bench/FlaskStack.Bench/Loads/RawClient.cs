using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FlaskStack.Bench.Loads;

/// <summary>Sends one request over a new connection, byte by byte what it is told, and reads the whole answer.</summary>
internal static class RawClient
{
    private const int FirstBuffer = 1024;

    /// <summary>The bytes of a request.</summary>
    /// <param name="port">For the header <c>Host</c>.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="lastOfConnection">Whether the server is to close afterwards.</param>
    public static byte[] Bytes(int port, LoadRequest request, bool lastOfConnection)
    {
        var close = lastOfConnection ? "Connection: close\r\n" : "";
        var content = request.Body is null ? "" : $"Content-Type: application/json\r\nContent-Length: {request.Body.Length}\r\n";
        byte[] head =
            Encoding.ASCII.GetBytes($"{request.Method} {request.Path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{close}{content}\r\n");
        return [.. head, .. request.Body ?? []];
    }

    /// <summary>Sends bytes and reads the answer.</summary>
    /// <exception cref="SocketException">The connection was refused or broke.</exception>
    /// <exception cref="FormatException">The answer is not complete, or none.</exception>
    public static async Task<HttpAnswer> SendAsync(int port, byte[] bytes, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await socket.SendAsync(bytes, cancellationToken);
        return await ReadAsync(socket, cancellationToken);
    }

    /// <summary>Reads one answer.</summary>
    public static async Task<HttpAnswer> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[FirstBuffer];
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                throw new FormatException("The connection ended before the answer did.");
            }

            length += read;
            if (HttpAnswer.Parse(buffer.AsSpan(0, length)) is { } answer)
            {
                return answer;
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }
        }
    }

    /// <summary>Asks for a path; null when there is no whole answer.</summary>
    public static async Task<HttpAnswer?> TryGetAsync(int port, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(port, Bytes(port, LoadRequest.Get(path), lastOfConnection: true), cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or FormatException)
        {
            return null;
        }
    }
}
