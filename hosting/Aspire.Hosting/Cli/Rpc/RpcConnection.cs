using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Cli.Rpc;

/// <summary>
/// Serves one client with JSON-RPC 2.0 as StreamJsonRpc speaks it: calls run at the same time, are cancelled by <c>$/cancelRequest</c>,
/// and sequences are pulled with <c>$/enumerator/next</c> and closed with <c>$/enumerator/abort</c>.
/// </summary>
internal sealed partial class RpcConnection : IAsyncDisposable
{
    private const string NextMethod = "$/enumerator/next";
    private const string AbortMethod = "$/enumerator/abort";
    private const string CancelMethod = "$/cancelRequest";

    private readonly RpcMessageReader _reader;
    private readonly RpcMessageWriter _writer;
    private readonly Dictionary<string, RpcMethod> _methods;
    private readonly JsonSerializerOptions _json;
    private readonly RpcLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _ending = new();
    private readonly RpcSequences _sequences;
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _calls = new();
    private readonly ConcurrentDictionary<long, Task> _work = new();
    private RpcViolationException? _violation;
    private long _lastWork;

    /// <param name="stream">The client.</param>
    /// <param name="methods">What it may call.</param>
    /// <param name="json">How arguments and results are written.</param>
    /// <param name="limits">How much it may ask.</param>
    /// <param name="time">Measures deadlines.</param>
    /// <param name="logger">Where calls are logged that fail unexpectedly.</param>
    /// <param name="stopping">The server stops: sequences end, calls give up.</param>
    public RpcConnection(Stream stream, IEnumerable<RpcMethod> methods, JsonSerializerOptions json, RpcLimits limits, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        _reader = new RpcMessageReader(stream, limits, time);
        _writer = new RpcMessageWriter(stream, limits, time);
        _methods = methods.ToDictionary(method => method.Name, StringComparer.Ordinal);
        _json = json;
        _limits = limits;
        _time = time;
        _logger = logger;
        _stopping = stopping;
        _sequences = new RpcSequences(limits, stopping);
    }

    /// <summary>Serves until the client goes or the server stops.</summary>
    /// <exception cref="RpcViolationException">The client broke the protocol or took too much.</exception>
    /// <exception cref="IOException">The client vanished.</exception>
    public async Task RunAsync()
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(_stopping, _ending.Token);
        try
        {
            while (await _reader.ReadAsync(reading.Token).ConfigureAwait(false) is { } message)
            {
                if (RpcCall.Read(message) is { } call)
                {
                    await BeginAsync(call).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (_violation is not null)
        {
            throw _violation;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Calls that give up now are still answered.
            await Task.WhenAll(_work.Values).WaitAsync(_limits.StopTime, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_work.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _sequences.DisposeAsync().ConfigureAwait(false);
        _writer.Dispose();
        _ending.Dispose();
    }

    private async Task BeginAsync(RpcCall call)
    {
        if (call.Id is not { } id)
        {
            TakeNotice(call);
            return;
        }

        var key = id.GetRawText();
        if (key.Length > _limits.IdLength)
        {
            throw new RpcViolationException($"sent a call whose id has more than {_limits.IdLength} characters");
        }

        if (_calls.Count >= _limits.Calls)
        {
            // Written here, so that a client that goes on asking without reading is not read any further.
            await AnswerAsync(id, new RpcException(RpcErrorCode.Failed, $"This client has {_limits.Calls} calls under way, which is the most.")).ConfigureAwait(false);
            return;
        }

        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(_stopping, _ending.Token);
        if (!_calls.TryAdd(key, cancellation))
        {
            cancellation.Dispose();
            throw new RpcViolationException($"used the id {key} for two calls at once");
        }

        Start(() => ServeAsync(call, id, key, cancellation));
    }

    /// <summary>A message that wants no answer; unknown ones are passed over, as JSON-RPC has it.</summary>
    private void TakeNotice(RpcCall call)
    {
        if (call.Method == CancelMethod && call.Parameters.ValueKind == JsonValueKind.Object && call.Parameters.TryGetProperty("id", out var id))
        {
            if (_calls.TryGetValue(id.GetRawText(), out var cancellation))
            {
                Start(() => CancelAsync(cancellation));
            }
        }
        else if (call.Method == AbortMethod)
        {
            Start(() => _sequences.CloseAsync(Token(call)));
        }
    }

    private async Task ServeAsync(RpcCall call, JsonElement id, string key, CancellationTokenSource cancellation)
    {
        try
        {
            object? outcome;
            try
            {
                outcome = await InvokeAsync(call, cancellation.Token).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                outcome = Describe(call, exception, cancellation.IsCancellationRequested);
            }

            await AnswerAsync(id, outcome).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Nothing was sent of a result that cannot be written.
            await AnswerAsync(id, Describe(call, exception, isCancelled: false)).ConfigureAwait(false);
        }
        finally
        {
            _calls.TryRemove(key, out _);
            cancellation.Dispose();
        }
    }

    private async Task<object?> InvokeAsync(RpcCall call, CancellationToken cancellationToken)
    {
        if (call.Method == NextMethod)
        {
            var (values, isFinished) = await _sequences.NextAsync(Token(call), cancellationToken).ConfigureAwait(false);
            return new Pulled(values, isFinished);
        }

        if (!_methods.TryGetValue(call.Method, out var method))
        {
            throw new RpcException(RpcErrorCode.MethodNotFound, $"No method by the name '{call.Method}' is found.");
        }

        var result = await method.InvokeAsync(new RpcArguments(call.Parameters, _json), cancellationToken).ConfigureAwait(false);
        return result is RpcStream stream ? new Opened(_sequences.Open(stream)) : result;
    }

    private RpcException Describe(RpcCall call, Exception exception, bool isCancelled)
    {
        switch (exception)
        {
            case RpcException expected:
                return expected;
            case OperationCanceledException when isCancelled:
                return new RpcException(RpcErrorCode.Cancelled, "The call was cancelled.");
            default:
                Log.CallFailed(_logger, call.Method, exception);
                return new RpcException(RpcErrorCode.Failed, exception.Message, exception);
        }
    }

    private async Task AnswerAsync(JsonElement id, object? outcome)
    {
        try
        {
            await _writer.WriteAsync(json => Write(json, id, outcome), _ending.Token).ConfigureAwait(false);
        }
        catch (RpcViolationException violation)
        {
            // Reading ends too, and with it the connection.
            _violation = violation;
            await _ending.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has gone, which reading finds out.
        }
    }

    private void Write(Utf8JsonWriter json, JsonElement id, object? outcome)
    {
        json.WriteStartObject();
        json.WriteString("jsonrpc", "2.0");
        json.WritePropertyName("id");
        id.WriteTo(json);
        switch (outcome)
        {
            case RpcException error:
                WriteError(json, error);
                break;
            case Opened opened:
                json.WriteStartObject("result");
                json.WriteNumber("token", opened.Token);
                json.WriteEndObject();
                break;
            case Pulled pulled:
                WritePulled(json, pulled);
                break;
            default:
                json.WritePropertyName("result");
                WriteValue(json, outcome);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter json, RpcException error)
    {
        json.WriteStartObject("error");
        json.WriteNumber("code", (int)error.Code);
        json.WriteString("message", error.Message);
        if (error.InnerException is { } cause)
        {
            json.WriteStartObject("data");
            json.WriteString("type", cause.GetType().FullName);
            json.WriteString("message", cause.Message);
            json.WriteNumber("code", cause.HResult);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void WritePulled(Utf8JsonWriter json, Pulled pulled)
    {
        json.WriteStartObject("result");
        json.WriteStartArray("values");
        foreach (var value in pulled.Values)
        {
            WriteValue(json, value);
        }

        json.WriteEndArray();
        json.WriteBoolean("finished", pulled.IsFinished);
        json.WriteEndObject();
    }

    private void WriteValue(Utf8JsonWriter json, object? value)
    {
        if (value is null)
        {
            json.WriteNullValue();
            return;
        }

        JsonSerializer.Serialize(json, value, _json.GetTypeInfo(value.GetType()));
    }

    private void Start(Func<Task> work)
    {
        var number = ++_lastWork;
        var task = Task.Run(work, CancellationToken.None);
        _work[number] = task;
        task.ContinueWith(_ => _work.TryRemove(number, out var _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static async Task CancelAsync(CancellationTokenSource cancellation)
    {
        try
        {
            await cancellation.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The call has just ended.
        }
    }

    private static JsonElement Token(RpcCall call) =>
        call.Parameters.ValueKind == JsonValueKind.Array && call.Parameters.GetArrayLength() > 0 ? call.Parameters[0] : default;

    private sealed record Opened(long Token);

    private sealed record Pulled(IReadOnlyList<object> Values, bool IsFinished);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A call of {Method} failed.")]
        public static partial void CallFailed(ILogger logger, string method, Exception exception);
    }
}
