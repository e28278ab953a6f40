using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FlaskStack.Bench;

internal enum Protocol
{
    Http,
    Https,
    Http2,
}

internal sealed record LoadCase(
    string Key, string Title, int Connections, int BodyLength = 0, bool IsMain = false, Protocol Protocol = Protocol.Http)
{
    private const int Small = 16;
    private const int Large = 100 * 1024;
    public static IReadOnlyList<LoadCase> All { get; } =
    [
        new("get-64", "GET /, 64 connections", 64, IsMain: true),
        new("post-64", "POST /server, 64 connections", 64, Small, IsMain: true),
        new("get-1", "GET /, 1 connection", 1),
        new("get-512", "GET /, 512 connections", 512),
        new("post-1", "POST /server, 1 connection", 1, Small),
        new("post-512", "POST /server, 512 connections", 512, Small),
        new("post-100k", "POST /server, 100 KB, 64 connections", 64, Large),
        new("https", "GET /, HTTPS, 64 connections", 64, Protocol: Protocol.Https),
        new("h2", "GET /, HTTP/2, 64 streams", 64, Protocol: Protocol.Http2),
    ];

    public string Data { get; } = new([.. Enumerable.Range(0, BodyLength).Select(index => (char)('a' + ((index + (index / 26)) % 26)))]);
    public string Body => BodyLength > 0 ? $$"""{"data":"{{Data}}"}""" : "";
    public string Answer => BodyLength > 0 ? Data : "Hello World!";

    public bool Fits(Competitor competitor) =>
        (BodyLength == 0 || competitor.IsService) && (Protocol == Protocol.Http || competitor.HasHttps);
}

internal sealed partial record LoadResult(
    long Requests, double Seconds, long Errors, double? P50 = null, double? P99 = null, IReadOnlyList<long>? Counts = null)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static LoadResult ParseWrk(string output) =>
        output.Split('\n').LastOrDefault(line => line.StartsWith('{')) is { } line
            ? JsonSerializer.Deserialize<LoadResult>(line, Web)!
            : throw new BenchException($"wrk did not report a result:\n{output}");

    public static LoadResult ParseH2Load(string output, double seconds)
    {
        var counts = H2LoadCounts().Match(output);
        long Count(int group) => long.Parse(counts.Groups[group].Value, CultureInfo.InvariantCulture);
        return counts.Success
            ? new(Count(1), seconds, Count(2) + Count(3) + Count(4))
            : throw new BenchException($"h2load did not report a result:\n{output}");
    }

    [GeneratedRegex(@"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout")]
    private static partial Regex H2LoadCounts();
}

internal sealed class LoadGenerator(string folder)
{
    private const int StreamsPerConnection = 8;
    private const int LatestAnswer = 30;
    private static readonly int Threads = Math.Max(1, Environment.ProcessorCount / 2);
    private static readonly string Script = RunFolder.TemplatePath("report.lua");

    public async Task<LoadResult> RunAsync(Stack stack, LoadCase load, int seconds, CancellationToken cancellationToken)
    {
        if (load.Protocol == Protocol.Http)
        {
            var body = "";
            if (load.BodyLength > 0)
            {
                body = Path.Combine(folder, load.Key + ".json");
                await File.WriteAllTextAsync(body, load.Body, cancellationToken);
            }

            var (method, path) = load.BodyLength > 0 ? ("POST", "/server") : ("GET", "/");
            return await WrkAsync(stack.Port, path, load.Connections, seconds, [method, body], cancellationToken);
        }

        var file = stack.NginxFile();
        var port = stack.Ground.HttpsPort(file is null ? null : await File.ReadAllTextAsync(file, cancellationToken));
        string[] arguments = load.Protocol == Protocol.Https
            ? ["--h1", $"-c{load.Connections}"]
            : [$"-c{load.Connections / StreamsPerConnection}", $"-m{StreamsPerConnection}"];
        arguments = [.. arguments, "-t1", $"-D{seconds}", $"https://127.0.0.1:{port}/"];
        return LoadResult.ParseH2Load(await RunElsewhereAsync("h2load", arguments, cancellationToken), seconds);
    }

    public static async Task<IReadOnlyList<long>> SpreadAsync(Stack stack, int seconds, CancellationToken cancellationToken) =>
        (await WrkAsync(stack.Port, "/testing/instance", 64, seconds, ["GET", "", "count"], cancellationToken)).Counts ?? [];

    private static async Task<LoadResult> WrkAsync(
        int port, string path, int connections, int seconds, string[] arguments, CancellationToken cancellationToken) =>
        LoadResult.ParseWrk(await RunElsewhereAsync(
            "wrk",
            [
                $"-t{Math.Min(Threads, connections)}", $"-c{connections}", $"-d{seconds}s", "--timeout", $"{LatestAnswer}s", "-s", Script,
                $"http://127.0.0.1:{port}{path}", "--", .. arguments,
            ],
            cancellationToken));

    /// <summary>Runs a client in a session, and so a scheduling group, of its own: clients of a server are on other machines.</summary>
    private static Task<string> RunElsewhereAsync(string client, string[] arguments, CancellationToken cancellationToken) =>
        Tool.RunAsync("setsid", [client, .. arguments], cancellationToken);
}

internal static class Tool
{
    /// <summary>Runs a program to its end, and returns what it printed.</summary>
    public static async Task<string> RunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? home = null, bool mayFail = false)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = home ?? start.Environment["HOME"];
        using var process = Process.Start(start) ?? throw new BenchException($"{program} was not started.");
        using var registration = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken) + await errors;
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 || mayFail
            ? output
            : throw new BenchException($"{program} {string.Join(' ', arguments)} failed:\n{output}");
    }
}

internal static class OneShot
{
    private const int StatusStart = 9;
    private const int StatusLength = 3;
    public static byte[] Get(string path) =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    public static byte[] Post(string body) => Encoding.ASCII.GetBytes(
        "POST /server HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        + $"Content-Length: {body.Length}\r\n\r\n{body}");

    /// <summary>Sends a request and reads until the server closes; the status is 0 if there was no answer.</summary>
    public static async Task<(int Status, string Body)> TryAsync(
        int port, byte[] request, CancellationToken cancellationToken, TaskCompletionSource? sent = null)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            await socket.SendAsync(request, cancellationToken);
            sent?.SetResult();
            var buffer = new byte[1024];
            var length = 0;
            while (await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
            {
                length += read;
                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, 2 * length);
                }
            }

            var text = Encoding.ASCII.GetString(buffer, 0, length);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            return end >= 0 && int.TryParse(text.AsSpan(StatusStart, StatusLength), CultureInfo.InvariantCulture, out var status)
                ? (status, text[(end + 4)..])
                : default;
        }
        catch (SocketException)
        {
            return default;
        }
    }
}

internal static class Burst
{
    private const int ConnectingAtOnce = 256;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Sends many requests that are open at the same time. Their time counts from the beginning of the burst.</summary>
    /// <returns>The number of errors, and the 99th percentile in seconds, for which an error takes infinitely long.</returns>
    public static async Task<(int Errors, double P99)> RunAsync(
        int port, int milliseconds, int count, Action<int>? whenAllSent, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        var request = OneShot.Get($"/testing/delay?ms={milliseconds}");
        var begin = Stopwatch.GetTimestamp();
        var answers = new Task<double>[count];
        var connecting = new ParallelOptions { MaxDegreeOfParallelism = ConnectingAtOnce };
        await Parallel.ForAsync(0, count, connecting, async (index, _) =>
        {
            var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            answers[index] = AskAsync(sent);
            await sent.Task;
        });
        whenAllSent?.Invoke(answers.Count(answer => !answer.IsCompleted));
        var times = (await Task.WhenAll(answers)).Order().ToList();
        cancellationToken.ThrowIfCancellationRequested();
        return (times.Count(double.IsInfinity), times[(int)(0.99 * (count - 1))]);

        async Task<double> AskAsync(TaskCompletionSource sent)
        {
            try
            {
                var (status, body) = await OneShot.TryAsync(port, request, deadline.Token, sent);
                var isRight = status == 200 && body.Contains("waited", StringComparison.Ordinal);
                return isRight ? Stopwatch.GetElapsedTime(begin).TotalSeconds : double.PositiveInfinity;
            }
            catch (OperationCanceledException)
            {
                return double.PositiveInfinity;
            }
            finally
            {
                sent.TrySetResult();
            }
        }
    }
}
