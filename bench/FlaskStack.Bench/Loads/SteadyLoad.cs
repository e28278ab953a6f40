using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace FlaskStack.Bench.Loads;

/// <summary>
/// 200 requests a second, whatever becomes of those before, each on a new connection: by turns a GET that tells which process
/// answers, and a POST, which no proxy may send twice.
/// </summary>
internal sealed partial class SteadyLoad : IAsyncDisposable
{
    private const int PerSecond = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1.0 / PerSecond);
    private readonly CancellationTokenSource _end;
    private readonly int _port;
    private readonly byte[] _get;
    private readonly byte[] _post;
    private readonly List<SteadyAnswer> _answers = [];
    private readonly Task _run;
    private (IReadOnlySet<int> Known, TaskCompletionSource<TimeSpan> Seen)? _awaited;

    private SteadyLoad(int port, string processPath, CancellationToken cancellationToken)
    {
        _port = port;
        _get = RawClient.Bytes(port, LoadRequest.Get(processPath), lastOfConnection: true);
        _post = RawClient.Bytes(port, LoadRequest.Small, lastOfConnection: true);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _run = RunAsync();
    }

    /// <summary>Starts it.</summary>
    /// <param name="port">Where.</param>
    /// <param name="processPath">The path that tells the process.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static SteadyLoad Start(int port, string processPath, CancellationToken cancellationToken) =>
        new(port, processPath, cancellationToken);

    /// <summary>Waits for an answer of a process that is none of those known; tells when it came.</summary>
    public Task<TimeSpan> NewcomerAsync(IReadOnlySet<int> known)
    {
        var seen = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_answers)
        {
            _awaited = (known, seen);
        }

        return seen.Task;
    }

    /// <summary>Time as the answers have it.</summary>
    public static TimeSpan Now() => Stopwatch.GetElapsedTime(0);

    /// <summary>Sends no more, waits for the answers on their way, and returns all.</summary>
    public async Task<IReadOnlyList<SteadyAnswer>> EndAsync()
    {
        await _end.CancelAsync();
        await _run;
        return _answers;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        var asked = new List<Task>();
        var begin = Now();
        using var timer = new PeriodicTimer(Tick);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                // A timer that comes late owes the requests it has missed.
                for (var due = (int)((Now() - begin) / Tick); asked.Count < due;)
                {
                    var isGet = asked.Count % 2 == 0;
                    asked.Add(Task.Run(() => AskAsync(isGet), CancellationToken.None));
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(asked);
        }
    }

    private async Task AskAsync(bool isGet)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var begin = Now();
        HttpAnswer? answer = null;
        try
        {
            answer = await RawClient.SendAsync(_port, isGet ? _get : _post, deadline.Token);
        }
        catch (Exception exception) when (exception is SocketException or FormatException or OperationCanceledException)
        {
            // It counts as failed.
        }

        Keep(new(begin, Now(), IsRight(isGet, answer), isGet && answer is { Status: 200 } ? ProcessIn(answer.Body) : null));
    }

    private static bool IsRight(bool isGet, HttpAnswer? answer) => answer switch
    {
        null => false,
        _ when isGet => answer.Status == 200 && ProcessIn(answer.Body) is not null,
        _ => AnswerCheck.Problem(LoadRequest.Small, answer) is null,
    };

    private void Keep(SteadyAnswer answer)
    {
        lock (_answers)
        {
            _answers.Add(answer);
            if (_awaited is { } awaited && answer.Process is { } process && !awaited.Known.Contains(process))
            {
                awaited.Seen.TrySetResult(answer.End);
                _awaited = null;
            }
        }
    }

    private static int? ProcessIn(byte[] body) =>
        int.TryParse(FirstNumber().Match(Encoding.UTF8.GetString(body)).Value, CultureInfo.InvariantCulture, out var process)
            ? process
            : null;

    [GeneratedRegex("[0-9]+")]
    private static partial Regex FirstNumber();
}
