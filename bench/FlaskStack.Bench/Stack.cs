using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace FlaskStack.Bench;

internal sealed partial class Stack : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _parts = [];
    private readonly ConcurrentBag<int> _roots = [];
    private readonly Regex _serves;
    private string? _failure;

    private Stack(Competitor competitor, RunFolder site)
    {
        Competitor = competitor;
        Ground = new(competitor, site);
        _serves = new(competitor.Serves);
    }

    public Competitor Competitor { get; }
    public Ground Ground { get; }
    public int Port => Ground.Port;
    public TimeSpan StartTime { get; private set; }
    private string LogFile => Path.Combine(Ground.Folder, "console.log");

    public static async Task<Stack> StartAsync(Competitor competitor, RunFolder site, CancellationToken cancellationToken)
    {
        var stack = new Stack(competitor, site);
        try
        {
            var begin = Stopwatch.GetTimestamp();
            foreach (var part in stack.Ground.Parts)
            {
                var copies = Enumerable.Range(1, part.PerReplica ? stack.Ground.Replicas : 1);
                stack._parts.AddRange(copies.Select(number => stack.RunAsync(part, number)).ToList());
            }

            await stack.WaitAsync(cancellationToken);
            stack.StartTime = Stopwatch.GetElapsedTime(begin);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    public IReadOnlyList<ProcessInfo> Processes() => ProcessInfo.Of(Ground.Folder);

    public IReadOnlyList<ProcessInfo> Serving(IEnumerable<ProcessInfo> processes) =>
        [.. processes.Where(process => _serves.IsMatch(process.Program))];

    public IReadOnlyList<ProcessInfo> Workers()
    {
        var all = Processes().Where(process => process.Program == Competitor.Worker).ToList();
        var children = all.Where(process => all.Exists(parent => parent.Id == process.Parent)).ToList();
        return children.Count > 0 ? children : all;
    }

    public string? NginxFile() => Processes()
        .Select(process => NginxCommand().Match(process.Command))
        .LastOrDefault(match => match.Success)?.Groups[1].Value;

    public async Task ReloadAsync(string command, CancellationToken cancellationToken)
    {
        Ground.SetProcess(_roots.Min());
        using var process = Launch(new Part(command), 0);
        await process.WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Signal.Send(Processes().Where(process => _roots.Contains(process.Id)), Signal.Terminate);

        var begin = Stopwatch.GetTimestamp();
        for (var left = Processes(); left.Count > 0; left = Processes())
        {
            // An nginx that is left has lost the process that would stop it.
            var isOnlyNginx = left.All(process => process.Program.StartsWith("nginx: ", StringComparison.Ordinal));
            if (isOnlyNginx || Stopwatch.GetElapsedTime(begin) > StopTimeout)
            {
                Signal.Send(left, Signal.Kill);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        }

        await Task.WhenAll(_parts);
        _stopping.Dispose();
        Directory.Delete(Ground.Folder, recursive: true);
    }

    /// <summary>Runs a part, and again as systemd would: what is left of its group is killed, and the delay of the unit passes.</summary>
    private async Task RunAsync(Part part, int number)
    {
        using var first = Launch(part, number);
        for (var process = first; ; process = Launch(part, number))
        {
            await process.WaitForExitAsync(CancellationToken.None);
            if (process.ExitCode != 0 && !_stopping.IsCancellationRequested)
            {
                _failure = Ground.Expand(part.Command, number);
            }

            if (part.RestartDelay is not { } delay)
            {
                return;
            }

            _ = Signal.Send(-process.Id, Signal.Kill);
            await Task.Delay(delay, CancellationToken.None);
            if (_stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Starts a program in a process group of its own, with its console in the log.</summary>
    /// <remarks>
    /// All of them are in the session of the bench: of several sessions the kernel makes scheduling groups, which interrupt each other
    /// unless they are batch work.
    /// </remarks>
    private Process Launch(Part part, int number)
    {
        if (part.RuntimeFolder is not null)
        {
            var folder = Directory.CreateDirectory(Ground.Expand(part.RuntimeFolder, number));
            folder.Delete(recursive: true);
            folder.Create();
        }

        // The members are arguments of their own.
        var command = part.Command.Replace("${members}", Ground.Expand("${members}"), StringComparison.Ordinal).Split(' ');
        string[] batch = part.IsBatch ? ["chrt", "--batch", "0"] : [];
        string[] prefix = ["-e", "setpgrp; exec @ARGV", "sh", "-c", "exec \"$@\" >> \"$0\" 2>&1", LogFile, .. batch];
        var start = new ProcessStartInfo("perl", [.. prefix, .. command.Select(word => Ground.Expand(word, number))])
        {
            WorkingDirectory = part.WorkingFolder ?? Ground.Folder,
        };
        // Settings of the shell that the bench runs in are not the stack's.
        foreach (var name in start.Environment.Keys.Where(name => Foreign().IsMatch(name)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["BENCH_FOLDER"] = Ground.Folder;
        foreach (var (name, value) in part.Environment)
        {
            start.Environment[name] = Ground.Expand(value, number);
        }

        var process = Process.Start(start) ?? throw new BenchException($"{part.Command} was not started.");
        _roots.Add(process.Id);
        return process;
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartTimeout);
        try
        {
            while ((await OneShot.TryAsync(Port, OneShot.Get("/"), deadline.Token)).Status != 200)
            {
                if (_failure is not null)
                {
                    throw new BenchException($"{Competitor.Key}: '{_failure}' failed. Its console ends with:\n{LastLines()}");
                }

                await Task.Delay(PollInterval, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchException(
                $"{Competitor.Key} did not answer GET / within {StartTimeout.TotalSeconds:0} s. Its console ends with:\n{LastLines()}");
        }
    }

    private string LastLines() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(10)) : "(nothing)";

    [GeneratedRegex("^(ASPIRE|ASPNETCORE|OTEL)_|__")]
    private static partial Regex Foreign();

    [GeneratedRegex(@"^nginx: master process .* -c (\S*/nginx\.conf)")]
    private static partial Regex NginxCommand();
}
