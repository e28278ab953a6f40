using System.Diagnostics;
using FlaskStack.Bench.Competitors;

namespace FlaskStack.Bench.Loads;

/// <summary>Runs wrk.</summary>
internal static class Wrk
{
    private const int LatestAnswer = 30;
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(LatestAnswer);

    /// <summary>Loads a stack.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="request">What every connection asks, again and again.</param>
    /// <param name="connections">How many connections.</param>
    /// <param name="duration">How long, in whole seconds.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BenchException">wrk did not end, or not tell what it measured.</exception>
    public static async Task<WrkReport> RunAsync(
        RunningStack stack, LoadRequest request, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        // Half of the processors at most: the rest is for who is measured.
        var threads = Math.Clamp(Environment.ProcessorCount / 2, 1, connections);
        string[] arguments =
        [
            $"-t{threads}", $"-c{connections}", $"-d{duration.TotalSeconds:0}s", "--timeout", $"{LatestAnswer}s",
            "-s", Path.Combine(AppContext.BaseDirectory, "Loads/report.lua"), $"http://127.0.0.1:{stack.Port}{request.Path}",
            "--", request.Method, .. BodyFile(stack, request),
        ];
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(duration + Slack);
        using var process = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })
            ?? throw new BenchException("wrk was not started.");
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return WrkReport.Parse(output);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            throw new BenchException($"wrk did not end in time: {request.Title} on {connections} connections.");
        }
    }

    private static string[] BodyFile(RunningStack stack, LoadRequest request)
    {
        if (request.Body is null)
        {
            return [];
        }

        var path = stack.Ground.At("body.json");
        File.WriteAllBytes(path, request.Body);
        return [path];
    }
}
