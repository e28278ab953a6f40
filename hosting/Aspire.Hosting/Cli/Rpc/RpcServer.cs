using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Cli.Rpc;

/// <summary>
/// Serves JSON-RPC on a Unix socket that only its owner may connect to. A client that breaks the protocol or takes too much is dropped
/// with one line in the log; the others do not notice.
/// </summary>
internal sealed partial class RpcServer : IAsyncDisposable
{
    private const int Backlog = 16;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly Func<IEnumerable<RpcMethod>> _createMethods;
    private readonly JsonSerializerOptions _json;
    private readonly RpcLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<long, Task> _clients = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private Task _accepting = Task.CompletedTask;
    private long _lastClient;
    private bool _isFull;
    private int _disposed;

    /// <param name="path">The socket; one of that name must not exist.</param>
    /// <param name="createMethods">What a client may call; asked once for each.</param>
    /// <param name="json">How arguments and results are written.</param>
    /// <param name="limits">How much clients may ask.</param>
    /// <param name="time">Measures deadlines.</param>
    /// <param name="logger">Where it is said who was dropped.</param>
    public RpcServer(string path, Func<IEnumerable<RpcMethod>> createMethods, JsonSerializerOptions json, RpcLimits limits, TimeProvider time, ILogger logger)
    {
        _path = path;
        _createMethods = createMethods;
        _json = json;
        _limits = limits;
        _time = time;
        _logger = logger;
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The socket cannot be made.</exception>
    public void Start()
    {
        try
        {
            _socket.Bind(new UnixDomainSocketEndPoint(_path));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(_path, OwnerOnly);
            }

            _socket.Listen(Backlog);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw new IOException(exception.Message, exception);
        }

        _accepting = AcceptAsync();
    }

    /// <summary>Ends sequences and calls, answers those that give up in time, and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _socket.Dispose();

        // A method that takes no notice is not waited for.
        await Task.WhenAll(_clients.Values).WaitAsync(_limits.StopTime * 2, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                Admit(client);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // Most likely this process has no descriptor left, which passes.
                Log.NotAccepted(_logger, _path, exception.Message);
                await Task.Delay(RetryTime, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Admit(Socket client)
    {
        if (_clients.Count >= _limits.Connections)
        {
            client.Dispose();
            if (!_isFull)
            {
                // Once, however many of them come.
                _isFull = true;
                Log.Full(_logger, _path, _limits.Connections);
            }

            return;
        }

        _isFull = false;
        var number = ++_lastClient;
        var serving = Task.Run(() => ServeAsync(client), CancellationToken.None);
        _clients[number] = serving;
        serving.ContinueWith(_ => _clients.TryRemove(number, out var _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            await using var connection = new RpcConnection(stream, _createMethods(), _json, _limits, _time, _logger, _stopping.Token);
            await connection.RunAsync().ConfigureAwait(false);
        }
        catch (RpcViolationException violation)
        {
            Log.Dropped(_logger, _path, violation.Message);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            Log.Vanished(_logger, _path, exception.Message);
        }
        catch (Exception exception)
        {
            Log.Failed(_logger, _path, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Warning, "A client of {Socket} was dropped: it {Reason}.")]
        public static partial void Dropped(ILogger logger, string socket, string reason);

        [LoggerMessage(12, LogLevel.Warning, "{Socket} has {Maximum} clients, which is the most: further ones are turned away.")]
        public static partial void Full(ILogger logger, string socket, int maximum);

        [LoggerMessage(13, LogLevel.Debug, "A client of {Socket} vanished: {Reason}")]
        public static partial void Vanished(ILogger logger, string socket, string reason);

        [LoggerMessage(14, LogLevel.Error, "Serving a client of {Socket} failed.")]
        public static partial void Failed(ILogger logger, string socket, Exception exception);

        [LoggerMessage(15, LogLevel.Warning, "A client of {Socket} could not be taken in: {Reason}")]
        public static partial void NotAccepted(ILogger logger, string socket, string reason);
    }
}
