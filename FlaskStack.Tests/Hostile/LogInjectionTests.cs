using System.Text.RegularExpressions;

namespace FlaskStack.Tests.Hostile;

/// <summary>A client writes no line of a log, and nothing that a terminal obeys.</summary>
[Collection(HostileGraphGroup.Name)]
[Trait("Category", HostileGraphGroup.Category)]
public sealed partial class LogInjectionTests(HostileGraph graph)
{
    private const string Forged = "2001/01/01 00:00:00 [emerg] 1#1: forged";
    private const string Encoded = "2001/01/01%2000:00:00%20%5bemerg%5d%201%231:%20forged";

    [Fact]
    public async Task Consoles_have_one_line_for_each_event_and_no_control_bytes()
    {
        foreach (var target in (string[])
        [
            $"/assets/x%0a{Encoded}",
            $"/assets/x%0d%0a{Encoded}",
            $"/assets/x%0d{Encoded}",
            "/assets/x%1b%5b5m%07forged",
            "/assets/x%7f%c2%9b5mforged",
            "/assets/x,%20client:%206.6.6.6,%20server:%20evil",
            $"/server/%0a{Encoded}",
            $"/testing/fail?x=%0a{Encoded}",
            $"/testing/fail?x=%1b%5b5m",
        ])
        {
            await graph.AttackAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }

        foreach (var header in (string[])
        [
            $"User-Agent: x\r{Forged}",
            "User-Agent: \u001b[5m\u0007",
            "Referer: \u009b5m",
            $"X-Request-Id: {Forged}",
            "tracestate: \u001b[5m",
            "traceparent: 00-\u001b-x-01",
            "Content-Type: \u001b[5m",
        ])
        {
            await graph.AttackAsync($"GET /testing/fail HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n");
            await graph.AttackAsync($"POST /server HTTP/1.1\r\nHost: localhost\r\n{header}\r\nContent-Length: 0\r\n\r\n");
        }

        var lines = await GetLinesAfterAsync("nginx", $"/server?last-{Guid.NewGuid():N}");
        foreach (var replica in await graph.Stack.GetReplicasAsync())
        {
            lines = [.. lines, .. await graph.GetConsoleAsync(replica.Resource.Name)];
        }

        Assert.DoesNotContain(lines, line => ColorsOfLogger().Replace(line, "").Any(c => char.IsControl(c) && c != '\t'));
        // Aspire puts the time before each line.
        Assert.DoesNotContain(
            lines, line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].StartsWith(Forged, StringComparison.Ordinal));
    }

    /// <summary>The colors of .NET's console logger; an attack here makes text blink.</summary>
    [GeneratedRegex(@"\x1b\[(?:1|22|3[0-9]|4[0-9])m")]
    private static partial Regex ColorsOfLogger();

    /// <summary>The lines of nginx's console up to one that nginx itself always writes.</summary>
    private async Task<IReadOnlyList<string>> GetLinesAfterAsync(string resource, string target)
    {
        await graph.AskAsync($"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n");
        using var deadline = new CancellationTokenSource(RawHttp.Deadline);
        while (true)
        {
            var lines = await graph.GetConsoleAsync(resource);
            if (lines.Any(line => line.Contains(target, StringComparison.Ordinal)))
            {
                return lines;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
        }
    }
}
