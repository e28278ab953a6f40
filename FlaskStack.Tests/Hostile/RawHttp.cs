using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FlaskStack.Tests.Hostile;

/// <summary>HTTP/1.1 as bytes, for requests that no client library sends.</summary>
internal sealed class RawHttp : IAsyncDisposable
{
    /// <summary>For an answer that comes by itself; only a hang takes this long.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly List<byte> _received = [];

    private RawHttp(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    public static async Task<RawHttp> ConnectAsync(EndPoint server)
    {
        var isUnix = server is UnixDomainSocketEndPoint;
        var socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server).WaitAsync(Deadline);
        return new RawHttp(socket);
    }

    /// <summary>Sends a text on a connection of its own.</summary>
    /// <returns>All answers until the server closes the connection.</returns>
    public static async Task<IReadOnlyList<RawResponse>> ExchangeAsync(EndPoint server, string text)
    {
        await using var connection = await ConnectAsync(server);
        await connection.SendAsync(text);
        var responses = new List<RawResponse>();
        while (await connection.ReceiveAsync() is { } response)
        {
            responses.Add(response);
        }

        return responses;
    }

    /// <summary>Sends a text, each character as the byte of the same number.</summary>
    public async Task SendAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), deadline.Token);
    }

    /// <summary>Reads the next answer.</summary>
    /// <param name="hasBody">False where only the status and the headers come, as after HEAD.</param>
    /// <returns>The answer, or null when the server has closed the connection.</returns>
    public async Task<RawResponse?> ReceiveAsync(bool hasBody = true)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        int end;
        while ((end = Text().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            if (!await FillAsync(deadline.Token))
            {
                return _received.Count == 0 ? null : throw new InvalidDataException($"Not an answer: '{Text()}'.");
            }
        }

        var lines = Text()[..end].Split("\r\n");
        Remove(end + 4);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToLookup(
            parts => parts[0], parts => parts[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        return new RawResponse(status, headers, hasBody ? await BodyAsync(status, headers, deadline.Token) : "");
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task<string> BodyAsync(int status, ILookup<string, string> headers, CancellationToken cancellationToken)
    {
        if (status is < 200 or 204 or 304)
        {
            return "";
        }

        if (headers["Content-Length"].SingleOrDefault() is { } length)
        {
            return await TakeAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        }

        var body = new StringBuilder();
        if (headers["Transfer-Encoding"].SingleOrDefault() != "chunked")
        {
            while (await FillAsync(cancellationToken))
            {
                // What comes until the end is the body.
            }

            return await TakeAsync(_received.Count, cancellationToken);
        }

        while (true)
        {
            int end;
            while ((end = Text().IndexOf("\r\n", StringComparison.Ordinal)) < 0)
            {
                await RequireAsync(cancellationToken);
            }

            var size = int.Parse(Text()[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Remove(end + 2);
            body.Append(await TakeAsync(size, cancellationToken));
            await TakeAsync(2, cancellationToken);
            if (size == 0)
            {
                return body.ToString();
            }
        }
    }

    private async Task<string> TakeAsync(int count, CancellationToken cancellationToken)
    {
        while (_received.Count < count)
        {
            await RequireAsync(cancellationToken);
        }

        var text = Text()[..count];
        Remove(count);
        return text;
    }

    private async Task RequireAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(cancellationToken))
        {
            throw new InvalidDataException($"The answer ends too early: '{Text()}'.");
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            var count = await _stream.ReadAsync(buffer, cancellationToken);
            _received.AddRange(buffer.AsSpan(0, count));
            return count > 0;
        }
        catch (IOException)
        {
            // The server has closed the connection while it still received.
            return false;
        }
    }

    private string Text() => Encoding.Latin1.GetString(_received.ToArray());

    private void Remove(int count) => _received.RemoveRange(0, count);
}

/// <summary>An answer as it came.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">The headers, by name in any case.</param>
/// <param name="Body">The body, without chunks.</param>
internal sealed record RawResponse(int Status, ILookup<string, string> Headers, string Body)
{
    /// <summary>Whether the API has written it, and not nginx: only the API's answers have this header.</summary>
    public bool IsOfApi => Headers.Contains("X-Content-Type-Options");

    public bool IsProblem => Headers["Content-Type"].SingleOrDefault() == "application/problem+json";
}
