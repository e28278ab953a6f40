using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using FlaskStack.Tests.Graph;

namespace FlaskStack.Tests.Packages;

/// <summary>What a user gets who has the packages alone.</summary>
[Collection(OwnGraphGroup.Name)]
public sealed class PackageTests
{
    private const string Listens = "nginx listens on ";

    [Fact]
    public async Task A_solution_of_the_packed_template_serves_through_nginx_and_leaves_nothing()
    {
        using var solution = await PackedSolution.BuildAsync("Shop");
        using var run = solution.Start();
        await run.WaitForOutputAsync(Listens);
        var line = Assert.Single(run.Output, line => line.Contains(Listens, StringComparison.Ordinal));
        var processes = ProcessTree.GetTree(run.Id);
        var appHost = Assert.Single(processes, process => process.ProcessName == "Shop.AppHost");
        processes = [.. processes, .. ProcessTree.GetTree(ProcessTree.GetOrchestrator(appHost.Id))];

        var address = line[(line.IndexOf(Listens, StringComparison.Ordinal) + Listens.Length)..].Trim();
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        Assert.Equal("Hello World!", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        using var answer = await client.PostAsJsonAsync("/server", new { data = "x" });
        Assert.Equal("\"x\"", await answer.Content.ReadAsStringAsync());
        using var compressed = await PostGzipAsync(client, Compress("""{"data":"x"}"""u8));
        Assert.Equal("\"x\"", await compressed.Content.ReadAsStringAsync());
        using var plain = await PostGzipAsync(client, """{"data":"x"}"""u8.ToArray());
        Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);

        await Signals.SendAsync("TERM", run.Id);
        await run.WaitForExitAsync();
        await ProcessTree.WaitForExitAsync(processes);
    }

    private static async Task<HttpResponseMessage> PostGzipAsync(HttpClient client, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return await client.PostAsync(new Uri("/server", UriKind.Relative), content);
    }

    private static byte[] Compress(ReadOnlySpan<byte> body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return compressed.ToArray();
    }
}
