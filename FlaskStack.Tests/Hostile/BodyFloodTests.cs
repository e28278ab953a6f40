using System.Diagnostics;
using System.Globalization;
using FlaskStack.Tests.Graph;

namespace FlaskStack.Tests.Hostile;

/// <summary>Clients that send bodies without end take nothing from others.</summary>
[Collection(HostileGraphGroup.Name)]
[Trait("Category", HostileGraphGroup.Category)]
public sealed class BodyFloodTests(HostileGraph graph)
{
    private static readonly TimeSpan FloodTime = TimeSpan.FromSeconds(12);

    [Fact]
    public async Task Others_are_served_while_clients_drip_a_body()
    {
        const int clients = 12;
        using var flood = new CancellationTokenSource();
        var dripping = Enumerable.Range(0, clients).Select(_ => DripAsync(flood.Token)).ToArray();
        var failures = new List<string>();

        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < FloodTime)
        {
            failures.AddRange(await AskOthersAsync());
        }

        await flood.CancelAsync();
        var statuses = (await Task.WhenAll(dripping)).OfType<int>();
        await graph.Stack.AssertNoneAsync(failures);
        Assert.All(statuses, status => Assert.Contains(status, (int[])[408, 413, 429, 503]));
    }

    [Fact]
    public async Task Bodies_that_do_not_end_are_not_held_in_memory()
    {
        const int clients = 100;
        const int sent = 250_000;
        var before = MemoryOfNginx();
        var connections = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => RawHttp.ConnectAsync(graph.Nginx)));
        var body = new string('x', sent);
        await Task.WhenAll(connections.Select(connection => connection.SendAsync($"{Start(sent + 1)}{body}")));

        var failures = await AskOthersAsync();
        var held = MemoryOfNginx() - before;

        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
        await graph.Stack.AssertNoneAsync(failures);
        Assert.InRange(held, long.MinValue, (long)clients * sent / 2);
    }

    private static string Start(int length) =>
        $"POST /server HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n";

    /// <summary>Sends a body slowly, until nginx or the test ends it.</summary>
    /// <returns>The status with which nginx ended it, or null.</returns>
    private async Task<int?> DripAsync(CancellationToken cancellationToken)
    {
        await using var connection = await RawHttp.ConnectAsync(graph.Nginx);
        await connection.SendAsync(Start(1_900_000) + new string(' ', 300_000));
        var answer = connection.ReceiveAsync();
        try
        {
            while (!answer.IsCompleted)
            {
                await connection.SendAsync("    ");
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            if (exception is OperationCanceledException)
            {
                return null;
            }
        }

        return (await answer)?.Status;
    }

    /// <summary>Sends what other clients send.</summary>
    private async Task<IReadOnlyList<string>> AskOthersAsync()
    {
        using var client = graph.Stack.CreateClient();
        var failures = new List<string>();
        foreach (var size in (int[])[0, 10, 10_000, 400_000])
        {
            using var request = new HttpRequestMessage(size == 0 ? HttpMethod.Get : HttpMethod.Post, size == 0 ? "/" : "/server");
            request.Content = size == 0 ? null : new StringContent($$"""{"data":"{{new string('x', size)}}"}""", null, "application/json");
            using var response = await client.SendAsync(request);
            if (!response.IsSuccessStatusCode)
            {
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{response.StatusCode} for {size} bytes"));
            }
        }

        return failures;
    }

    /// <summary>The resident memory of nginx's processes, in bytes.</summary>
    private long MemoryOfNginx()
    {
        graph.Stack.Rows.TryGetCurrentState("nginx", out var row);
        return ProcessTree.GetTree(RunningGraph.GetProcessId(row!)).Sum(process =>
        {
            using (process)
            {
                return process.WorkingSet64;
            }
        });
    }
}
