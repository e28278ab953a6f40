using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace FlaskStack.Bench;

internal sealed record BenchPlan(
    IReadOnlyList<Competitor> Competitors, IReadOnlySet<string> Measures, int Rounds, int Seconds, bool HasInstructions)
{
    private const int FewRounds = 5;
    public const string Start = "start";
    public const string Spread = "spread";
    public const string Waiting = "waiting";
    public const string FaultMeasure = "faults";
    public static IReadOnlyList<string> AllMeasures { get; } =
        [.. LoadCase.All.Select(load => load.Key), Start, Spread, Waiting, FaultMeasure];

    public IReadOnlyList<LoadCase> Loads => [.. LoadCase.All.Where(load => Measures.Contains(load.Key))];
    public int Starts => Measures.Overlaps([Start, Spread, Waiting, FaultMeasure]) ? Math.Clamp(Rounds / 10, 1, 3) : 0;
    public int StartsWithFaults => Math.Clamp(Rounds / 15, 1, 2);
    public int WaitingRequests => Rounds < FewRounds ? 1000 : 10_000;
    public int WarmUpSeconds => Rounds < FewRounds ? 1 : 3;
}

internal sealed partial class BenchRun(BenchPlan plan, RunFolder site, BenchResults results)
{
    private const int WaitMilliseconds = 1000;
    private const int WaitForMemoryMilliseconds = 5000;
    private const int FewRequests = 200;
    private const int ManyRequests = 1200;
    private readonly LoadGenerator _generator = new(site.Folder);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var repeat = 0; repeat < plan.Starts; repeat++)
        {
            foreach (var competitor in plan.Competitors)
            {
                Say($"start {repeat + 1} of {plan.Starts}: {competitor.Title}");
                await MeasureAloneAsync(competitor, repeat, cancellationToken);
            }
        }

        if (plan.Loads.Count > 0 || plan.HasInstructions)
        {
            await MeasureTogetherAsync(cancellationToken);
        }
    }

    /// <summary>What is measured with no other stack beside it: start, memory, spread, requests that wait, faults.</summary>
    private async Task MeasureAloneAsync(Competitor competitor, int repeat, CancellationToken cancellationToken)
    {
        await using var stack = await Stack.StartAsync(competitor, site, cancellationToken);
        void Add(string metric, double? value) => results.Add(metric, "", competitor.Key, repeat, value);
        Add(Metric.Start, stack.StartTime.TotalSeconds);
        await Task.Delay(TimeSpan.FromSeconds(plan.WarmUpSeconds), cancellationToken);
        Add(Metric.Idle, ProcessInfo.Pss(stack.Processes()));
        await WarmUpAsync(stack, cancellationToken);
        Add(Metric.Loaded, ProcessInfo.Pss(stack.Processes()));
        if (!competitor.IsService)
        {
            return;
        }

        if (plan.Measures.Contains(BenchPlan.Spread))
        {
            var workers = stack.Workers().Count;
            var counts = await LoadGenerator.SpreadAsync(stack, 1, cancellationToken);
            Add(Metric.Spread, counts.Count < workers ? double.PositiveInfinity : (double)counts.Max() / counts.Min());
        }

        if (repeat >= plan.StartsWithFaults)
        {
            return;
        }

        if (plan.Measures.Contains(BenchPlan.Waiting))
        {
            await MeasureWaitingAsync(stack, Add, cancellationToken);
        }

        if (plan.Measures.Contains(BenchPlan.FaultMeasure) && competitor.HasFaults)
        {
            await Faults.MeasureAsync(stack, results, repeat, cancellationToken);
        }
    }

    private async Task MeasureWaitingAsync(Stack stack, Action<string, double?> add, CancellationToken cancellationToken)
    {
        var before = ProcessInfo.Pss(stack.Processes());
        double? memory = null;
        void Measure(int open) => memory = open == plan.WaitingRequests ? ProcessInfo.Pss(stack.Processes()) : null;
        await Burst.RunAsync(stack.Port, WaitForMemoryMilliseconds, plan.WaitingRequests, Measure, cancellationToken);
        add(Metric.WaitMemory, (memory - before) * 1024 / plan.WaitingRequests);
        var (errors, p99) = await Burst.RunAsync(stack.Port, WaitMilliseconds, plan.WaitingRequests, null, cancellationToken);
        add(Metric.WaitErrors, errors);
        add(Metric.WaitP99, p99);
    }

    /// <summary>All stacks run, and are loaded in turns: what disturbs the machine disturbs them all.</summary>
    private async Task MeasureTogetherAsync(CancellationToken cancellationToken)
    {
        var stacks = new List<Stack>();
        try
        {
            foreach (var competitor in plan.Competitors)
            {
                Say($"warm-up: {competitor.Title}");
                stacks.Add(await Stack.StartAsync(competitor, site, cancellationToken));
                await CheckAsync(stacks[^1], cancellationToken);
                await WarmUpAsync(stacks[^1], cancellationToken);
            }

            for (var round = 0; round < plan.Rounds; round++)
            {
                Say($"round {round + 1} of {plan.Rounds}");
                foreach (var load in plan.Loads.Where(load => load.IsMain || round % 2 == 0))
                {
                    foreach (var stack in stacks.Where(stack => load.Fits(stack.Competitor)))
                    {
                        await MeasureSliceAsync(stack, load, load.IsMain ? round : round / 2, cancellationToken);
                    }
                }
            }

            foreach (var stack in plan.HasInstructions ? stacks : [])
            {
                await CountInstructionsAsync(stack, cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAll(stacks.Select(stack => stack.DisposeAsync().AsTask()));
        }
    }

    private async Task MeasureSliceAsync(Stack stack, LoadCase load, int round, CancellationToken cancellationToken)
    {
        var all = stack.Processes();
        var serving = stack.Serving(all);
        var (servingBefore, allBefore) = (ProcessInfo.CpuSeconds(serving), ProcessInfo.CpuSeconds(all));
        var result = await _generator.RunAsync(stack, load, plan.Seconds, cancellationToken);
        var (servingAfter, allAfter) = (ProcessInfo.CpuSeconds(serving), ProcessInfo.CpuSeconds(all));
        void Add(string metric, double? value) => results.Add(metric, load.Key, stack.Competitor.Key, round, value);
        if (result.Errors > 0 || result.Requests == 0)
        {
            Say($"{stack.Competitor.Key}, {load.Key}: {result.Errors} errors; the slice does not count");
            return;
        }

        Add(Metric.Rate, result.Requests / result.Seconds);
        Add(Metric.Cpu, (servingAfter - servingBefore) / result.Requests * 1e6);
        Add(Metric.CpuAll, (allAfter - allBefore) / result.Requests * 1e6);
        Add(Metric.P50, result.P50);
        Add(Metric.P99, result.P99);
    }

    private async Task WarmUpAsync(Stack stack, CancellationToken cancellationToken)
    {
        foreach (var load in LoadCase.All.Where(load => load.IsMain && load.Fits(stack.Competitor)))
        {
            await _generator.RunAsync(stack, load, plan.WarmUpSeconds, cancellationToken);
        }
    }

    /// <summary>Compares an answer of each load with what it must be; wrk only counts other statuses.</summary>
    private static async Task CheckAsync(Stack stack, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{stack.Port}") };
        foreach (var load in LoadCase.All.Where(load => load.Protocol == Protocol.Http && load.Fits(stack.Competitor)))
        {
            using var answer = load.BodyLength == 0
                ? await client.GetAsync("/", cancellationToken)
                : await client.PostAsync("/server", JsonContent.Create(new { data = load.Data }), cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            if (!answer.IsSuccessStatusCode || text != load.Answer)
            {
                throw new BenchException($"{stack.Competitor.Key} answers {load.Title} with {(int)answer.StatusCode} and another text.");
            }
        }
    }

    /// <summary>
    /// Counts the instructions of one nginx process without workers, with the stack's configuration and its replicas: the difference
    /// between two numbers of requests, without what a start takes.
    /// </summary>
    private async Task CountInstructionsAsync(Stack stack, CancellationToken cancellationToken)
    {
        if (stack.NginxFile() is not { } original)
        {
            return;
        }

        Say($"instructions: {stack.Competitor.Title}");
        var text = await File.ReadAllTextAsync(original, cancellationToken);
        var ports = ListenPort().Matches(text).Select(match => match.Groups[2].Value).Distinct()
            .ToDictionary(port => port, _ => Ground.FreePort());
        text = ListenPort().Replace(text, match => $"{match.Groups[1].Value}{ports[match.Groups[2].Value]}");
        text = ListenSocket().Replace(text, "$0.callgrind");
        var file = Path.Combine(stack.Ground.Folder, "callgrind.conf");
        await File.WriteAllTextAsync(
            file, $"daemon off;\nmaster_process off;\npid {file}.pid;\n{ProcessDirectives().Replace(text, "")}", cancellationToken);
        var port = ports[stack.Port.ToString(CultureInfo.InvariantCulture)];
        var few = await CountAsync(file, original, port, FewRequests, cancellationToken);
        var many = await CountAsync(file, original, port, ManyRequests, cancellationToken);
        results.Add(Metric.Instructions, "get", stack.Competitor.Key, 0, (double)(many - few) / (ManyRequests - FewRequests));
    }

    private static async Task<long> CountAsync(string file, string original, int port, int requests, CancellationToken cancellationToken)
    {
        var output = $"{file}.{requests}";
        string[] arguments =
        [
            "--tool=callgrind", $"--callgrind-out-file={output}", $"--log-file={file}.log",
            "/usr/sbin/nginx", "-p", Path.GetDirectoryName(original)!, "-c", file,
        ];
        using var nginx = Process.Start("valgrind", arguments);
        try
        {
            while ((await OneShot.TryAsync(port, OneShot.Get("/"), cancellationToken)).Status != 200)
            {
                if (nginx.HasExited)
                {
                    throw new BenchException($"nginx ended under valgrind; see {file}.log.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }

            using var client = new HttpClient();
            for (var request = 0; request < requests; request++)
            {
                await client.GetByteArrayAsync(new Uri($"http://127.0.0.1:{port}/"), cancellationToken);
            }
        }
        finally
        {
            // Again and again: nginx misses a signal that comes just before it sleeps.
            while (!nginx.HasExited)
            {
                _ = Signal.Send(nginx.Id, Signal.Terminate);
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
            }
        }

        var summary = Summary().Match(await File.ReadAllTextAsync(output, cancellationToken));
        return long.Parse(summary.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static void Say(string text) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {text}");

    [GeneratedRegex(@"(listen\s+(?:[\d.]+:|\[[^\]]*\]:))(\d+)")]
    private static partial Regex ListenPort();

    [GeneratedRegex(@"(?m)^summary: (\d+)")]
    private static partial Regex Summary();

    [GeneratedRegex(@"listen\s+unix:[^;\s]+")]
    private static partial Regex ListenSocket();

    [GeneratedRegex(@"(?<![\w$-])(daemon|master_process|worker_processes|pid)\s+[^;]+;")]
    private static partial Regex ProcessDirectives();
}
