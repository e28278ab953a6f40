using System.Diagnostics;
using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Loads;
using FlaskStack.Bench.Processes;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Measures;

/// <summary>Starts a competitor and measures the start, its memory, and what it serves.</summary>
/// <param name="session">The run.</param>
internal sealed class ThroughputMeasure(Session session)
{
    private const double Megabyte = 1e6;
    private const double MicrosecondsInMillisecond = 1e3;
    private const string Idle = "idle";
    private const string UnderLoad = "under load";
    private const int LoadedConnections = 64;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MemoryLoad = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MemoryMoment = TimeSpan.FromSeconds(1);

    /// <summary>Measures one competitor in one round.</summary>
    public async Task RunAsync(int round, ICompetitor competitor, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        await using var stack = await competitor.StartAsync(session.Grounds.Next(withTestPaths: false), cancellationToken);
        var started = Stopwatch.GetElapsedTime(begin);
        await competitor.WaitUntilCompleteAsync(stack, cancellationToken);
        var isWhole = competitor is IWholeStack;
        if (isWhole)
        {
            session.Recorder.Add(round, competitor.Key, Metric.Start, Metric.Start.Key, started.TotalSeconds);
            await Task.Delay(Settling, cancellationToken);
            AddMemory(round, competitor, Idle, MemoryUse.Read());
        }

        var requests = Requests(isWhole).ToList();
        foreach (var request in requests)
        {
            await Wrk.RunAsync(stack, request, LoadedConnections, session.Plan.WarmUp, cancellationToken);
        }

        foreach (var request in requests)
        {
            foreach (var connections in session.Plan.Connections)
            {
                await LoadAsync(round, competitor, stack, request, connections, cancellationToken);
            }
        }

        if (isWhole)
        {
            AddMemory(round, competitor, UnderLoad, await LoadedMemoryAsync(stack, requests, cancellationToken));
        }
    }

    private IEnumerable<LoadRequest> Requests(bool isWhole) =>
        !isWhole ? [LoadRequest.Hello]
        : session.Plan.WithLargeBodies ? [LoadRequest.Hello, LoadRequest.Small, LoadRequest.Large]
        : [LoadRequest.Hello, LoadRequest.Small];

    private async Task LoadAsync(
        int round, ICompetitor competitor, RunningStack stack, LoadRequest request, int connections, CancellationToken cancellationToken)
    {
        var (length, problem) = await AnswerCheck.AskAsync(stack.Port, request, cancellationToken);
        var before = ProcessorTime.Read(competitor.ServingPrograms);
        var report = await Wrk.RunAsync(stack, request, connections, session.Plan.Load, cancellationToken);
        var after = ProcessorTime.Read(competitor.ServingPrograms);
        var (lengthAfter, problemAfter) = await AnswerCheck.AskAsync(stack.Port, request, cancellationToken);
        var name = Cases.Of(request, connections);
        problem ??= problemAfter ?? (length == lengthAfter ? report.Problem(length, connections) : "Answers changed their length.");
        if (problem is not null)
        {
            session.Recorder.Add(new Problem(round, competitor.Key, name, problem));
        }

        void Add(Metric metric, double value) => session.Recorder.Add(round, competitor.Key, metric, name, value);
        Add(Metric.Rate, report.Rate);
        Add(Metric.P50, report.P50 / MicrosecondsInMillisecond);
        Add(Metric.P99, report.P99 / MicrosecondsInMillisecond);
        Add(Metric.P999, report.P999 / MicrosecondsInMillisecond);
        if (report.Requests > 0)
        {
            Add(Metric.Processor, (after.Serving - before.Serving) / report.Requests);
            Add(Metric.WholeProcessor, (after.Whole - before.Whole) / report.Requests);
        }
    }

    /// <summary>The most of what it takes under each kind of load.</summary>
    private static async Task<MemoryUse> LoadedMemoryAsync(
        RunningStack stack,
        IEnumerable<LoadRequest> requests,
        CancellationToken cancellationToken)
    {
        var most = new MemoryUse(0, 0);
        foreach (var request in requests)
        {
            var load = Wrk.RunAsync(stack, request, LoadedConnections, MemoryLoad, cancellationToken);
            await Task.Delay(MemoryMoment, cancellationToken);
            var use = MemoryUse.Read(exceptProgram: "wrk");
            await load;
            most = use.Bytes > most.Bytes ? use : most;
        }

        return most;
    }

    private void AddMemory(int round, ICompetitor competitor, string @case, MemoryUse use)
    {
        session.Recorder.Add(round, competitor.Key, Metric.Memory, @case, use.Bytes / Megabyte);
        session.Recorder.Add(round, competitor.Key, Metric.KernelMemory, @case, use.KernelBytes / Megabyte);
    }
}
