using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli.Rpc;

/// <summary>A client of a JSON-RPC server that sends whatever a test wants, and reads answers one after another.</summary>
internal sealed class RpcPeer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly NetworkStream _stream;
    private int _lastId;

    public RpcPeer(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _stream = new NetworkStream(_socket);
    }

    public static byte[] Frame(string json) => Encoding.UTF8.GetBytes($"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    public Task SendAsync(string json) => SendAsync(Frame(json));

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask().InTime();

    /// <summary>Sends a call and gives its id.</summary>
    public async Task<int> BeginAsync(string method, string parameters = "[]")
    {
        var id = ++_lastId;
        await SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}","params":{{parameters}}}""");
        return id;
    }

    public Task NotifyAsync(string method, string parameters) => SendAsync($$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}}}""");

    /// <summary>Calls, and reads the answer; no other call may be under way.</summary>
    public async Task<JsonElement> CallAsync(string method, string parameters = "[]")
    {
        var id = await BeginAsync(method, parameters);
        var answer = await ReadAsync();
        Assert.Equal(id, answer.GetProperty("id").GetInt32());
        return answer;
    }

    /// <summary>Calls, and reads a result.</summary>
    public async Task<JsonElement> AskAsync(string method, string parameters = "[]")
    {
        var answer = await CallAsync(method, parameters);
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(answer.GetRawText());
    }

    /// <summary>Calls, and reads the code of an error.</summary>
    public async Task<int> FailAsync(string method, string parameters = "[]") => CodeOf(await CallAsync(method, parameters));

    public static int CodeOf(JsonElement answer) => answer.GetProperty("error").GetProperty("code").GetInt32();

    /// <summary>Opens a sequence.</summary>
    public async Task<string> OpenAsync(string method, string parameters = "[]") => (await AskAsync(method, parameters)).GetProperty("token").GetRawText();

    /// <summary>Pulls from a sequence.</summary>
    public async Task<(JsonElement[] Values, bool IsFinished)> PullAsync(string token)
    {
        var result = await AskAsync("$/enumerator/next", $"[{token}]");
        return ([.. result.GetProperty("values").EnumerateArray()], result.GetProperty("finished").GetBoolean());
    }

    public async Task<JsonElement> ReadAsync()
    {
        var header = new StringBuilder();
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            header.Append((char)(await ReadAsync(1))[0]);
        }

        var length = int.Parse(header.ToString().Split(':')[1], CultureInfo.InvariantCulture);
        return JsonElement.Parse(await ReadAsync(length));
    }

    /// <summary>Whether the server closes the connection, whatever it sends before.</summary>
    public async Task<bool> IsClosedAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (await _stream.ReadAsync(buffer).AsTask().InTime() > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task<byte[]> ReadAsync(int length)
    {
        var buffer = new byte[length];
        await _stream.ReadExactlyAsync(buffer).AsTask().InTime();
        return buffer;
    }
}
