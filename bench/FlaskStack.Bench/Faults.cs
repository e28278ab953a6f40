using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace FlaskStack.Bench;

internal static class Faults
{
    private const string Worker = "one worker killed";
    private const string Workers = "all workers killed";
    private const string Reload = "reload";
    private const string Proxy = "proxy's master killed";
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongRecovery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);
    public static IReadOnlyList<string> Names { get; } = [Worker, Workers, Reload, Proxy];

    public static async Task MeasureAsync(Stack stack, BenchResults results, int repeat, CancellationToken cancellationToken)
    {
        foreach (var name in Names)
        {
            if (Inflicting(name, stack, cancellationToken) is { } inflict
                && !await MeasureAsync(name, inflict, stack, results, repeat, cancellationToken))
            {
                return;
            }
        }
    }

    private static Func<Task>? Inflicting(string name, Stack stack, CancellationToken cancellationToken) => (name, stack.Competitor) switch
    {
        (Worker, _) => () => Kill(stack.Workers().Take(1)),
        (Workers, _) => () => Kill(stack.Workers()),
        (Reload, { Reload: { } command }) => () => stack.ReloadAsync(command, cancellationToken),
        (Proxy, { Proxy: { } program }) => () => Kill(stack.Processes().Where(process => process.Program == program).Take(1)),
        _ => null,
    };

    private static Task Kill(IEnumerable<ProcessInfo> processes)
    {
        Signal.Send(processes, Signal.Kill);
        return Task.CompletedTask;
    }

    private static async Task<bool> MeasureAsync(
        string name, Func<Task> inflict, Stack stack, BenchResults results, int repeat, CancellationToken cancellationToken)
    {
        await using var load = new SteadyLoad(stack.Port, cancellationToken);
        await Task.Delay(Calm, cancellationToken);
        var before = stack.Workers().Select(worker => worker.Id).ToHashSet();
        var begin = Stopwatch.GetTimestamp();
        await inflict();
        TimeSpan? healthy = null;
        while (Stopwatch.GetElapsedTime(begin) < Limit)
        {
            healthy ??= load.FirstOfOthers(before) is { } seen ? Stopwatch.GetElapsedTime(begin, seen) : null;
            if ((healthy is not null || name == Proxy || IsReplaced(stack, before, Stopwatch.GetElapsedTime(begin)))
                && Stopwatch.GetElapsedTime(begin) > Calm && load.SinceFailure() > Calm)
            {
                break;
            }

            await Task.Delay(PollInterval, cancellationToken);
        }

        var recovered = Stopwatch.GetElapsedTime(begin) < Limit;
        results.Add(Metric.Failed, name, stack.Competitor.Key, repeat, await load.EndAsync());
        if (name == Worker && (healthy is not null || !recovered))
        {
            results.Add(Metric.Healthy, "", stack.Competitor.Key, repeat, healthy?.TotalSeconds ?? double.PositiveInfinity);
        }

        return recovered;
    }

    /// <summary>
    /// Whether there are as many workers again, but none of the new ones is asked: nginx goes on using its open connections to the others.
    /// </summary>
    private static bool IsReplaced(Stack stack, HashSet<int> before, TimeSpan elapsed)
    {
        var now = elapsed > LongRecovery ? stack.Workers().Select(worker => worker.Id).ToList() : [];
        return now.Count >= before.Count && now.Exists(id => !before.Contains(id));
    }
}

/// <summary>
/// 400 requests a second, whatever becomes of those before, each on a new connection: by turns a GET that says which process answers, and
/// a POST, which no proxy may send twice.
/// </summary>
internal sealed partial class SteadyLoad : IAsyncDisposable
{
    private const int PerSecond = 400;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1.0 / PerSecond);
    private static readonly byte[] GetInstance = OneShot.Get("/testing/instance");
    private static readonly byte[] PostText = OneShot.Post("""{"data":"steady"}""");
    private readonly CancellationTokenSource _end;
    private readonly int _port;
    private readonly Task _run;
    private readonly ConcurrentQueue<(long Time, bool IsRight, int? Process)> _answers = [];

    public SteadyLoad(int port, CancellationToken cancellationToken)
    {
        _port = port;
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _run = RunAsync();
    }

    /// <summary>When a process answered first that is none of these; null if none did.</summary>
    public long? FirstOfOthers(HashSet<int> known) =>
        _answers.Where(answer => answer.Process is { } id && !known.Contains(id)).Min(answer => (long?)answer.Time);

    public TimeSpan SinceFailure() =>
        Stopwatch.GetElapsedTime(_answers.Where(answer => !answer.IsRight).Select(answer => answer.Time).DefaultIfEmpty().Max());

    /// <summary>Sends no more, waits for the answers on their way, and returns the number of failed requests.</summary>
    public async Task<int> EndAsync()
    {
        await _end.CancelAsync();
        await _run;
        return _answers.Count(answer => !answer.IsRight);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        var sent = new List<Task>();
        var begin = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                // A late timer sends the requests that were missed.
                for (var due = (int)(Stopwatch.GetElapsedTime(begin) / Interval); sent.Count < due;)
                {
                    var isGet = sent.Count % 2 == 0;
                    sent.Add(Task.Run(() => SendAsync(isGet), CancellationToken.None));
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sent);
        }
    }

    private async Task SendAsync(bool isGet)
    {
        using var deadline = new CancellationTokenSource(Timeout);
        (int Status, string Body) answer = default;
        try
        {
            answer = await OneShot.TryAsync(_port, isGet ? GetInstance : PostText, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // It counts as failed.
        }

        var process = isGet && ProcessId().Match(answer.Body ?? "") is { Success: true } match
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : (int?)null;
        var isRight = answer.Status == 200 && (isGet ? process is not null : answer.Body!.Contains("steady", StringComparison.Ordinal));
        _answers.Enqueue((Stopwatch.GetTimestamp(), isRight, process));
    }

    [GeneratedRegex("\"pid\":\\s*(\\d+)")]
    private static partial Regex ProcessId();
}
