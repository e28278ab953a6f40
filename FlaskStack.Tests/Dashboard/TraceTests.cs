using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace FlaskStack.Tests.Dashboard;

/// <summary>What the dashboard has of a request that went through nginx.</summary>
public sealed partial class TraceTests(SharedDashboard dashboard, ITestOutputHelper output) : DashboardTests(dashboard, output)
{
    private const int Internal = 1;
    private const int Server = 2;
    private const int Error = 2;

    [Fact]
    public async Task A_request_is_one_trace_of_nginx_and_the_api()
    {
        var seen = await Dashboard.Client.GetStringAsync(new Uri("/testing/headers", UriKind.Relative));
        var traceId = TraceParentOf(seen).Split('-')[1];

        var spans = await WaitForSpansAsync(traceId, HasBoth);

        var (nginx, api) = (spans.Single(IsRequest), spans.Single(span => span.Service == "api"));
        Assert.Equal("", nginx.ParentId);
        Assert.Equal(nginx.Id, api.ParentId);
        Assert.Equal((Server, Server), (nginx.Kind, api.Kind));
        // nginx counts in milliseconds. The api may end later than it: its span lasts until the response is all sent and done with.
        var grain = TimeSpan.FromMilliseconds(2);
        Assert.InRange(api.Start, nginx.Start - grain, nginx.End + grain);
        Assert.True(api.End > api.Start);
    }

    [Fact]
    public async Task A_request_with_a_trace_of_its_own_joins_it()
    {
        var (traceId, parentId) = (NewId(16), NewId(8));
        await SendAsync("/", traceId, parentId);

        var spans = await WaitForSpansAsync(traceId, HasBoth);

        var nginx = spans.Single(IsRequest);
        Assert.Equal(parentId, nginx.ParentId);
        Assert.Equal(nginx.Id, spans.Single(span => span.Service == "api").ParentId);
    }

    [Fact]
    public async Task A_request_that_kills_its_replicas_shows_each_attempt_and_the_error()
    {
        var traceId = NewId(16);

        Assert.Equal(HttpStatusCode.BadGateway, await SendAsync("/testing/crash", traceId, NewId(8)));

        var spans = await WaitForSpansAsync(traceId, spans => spans.Count(span => span.Service == "nginx") > 2);
        var request = spans.Single(IsRequest);
        var attempts = spans.Where(span => span.Service == "nginx" && span.Kind > Server).ToArray();
        Assert.Equal(Error, request.Status);
        Assert.True(attempts.Length > 1);
        Assert.All(attempts, attempt => Assert.Equal((request.Id, Error), (attempt.ParentId, attempt.Status)));
    }

    [BrowserFact]
    public async Task A_trace_leads_from_nginx_to_the_replica_that_answered()
    {
        var (traceId, parentId) = (NewId(16), NewId(8));
        await SendAsync("/testing/instance", traceId, parentId);
        await WaitForSpansAsync(traceId, HasBoth);
        await using var page = await OpenAsync();

        await page.GoToAsync($"/traces/detail/{traceId}");

        await Expect(page.Page.GetByText("GET /testing/instance", new() { Exact = true }).First).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("nginx", new() { Exact = true }).First).ToBeVisibleAsync();
        await Expect(page.Page.GetByText(ReplicaName()).First).ToBeVisibleAsync();
    }

    private static bool HasBoth(IReadOnlyList<Span> spans) => spans.Any(IsRequest) && spans.Any(span => span.Service == "api");

    /// <summary>nginx may have more spans in a trace: one for each attempt, where a member did not answer.</summary>
    private static bool IsRequest(Span span) => span is { Service: "nginx", Kind: Server };

    private async Task<HttpStatusCode> SendAsync(string path, string traceId, string parentId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("traceparent", $"00-{traceId}-{parentId}-01");
        using var response = await Dashboard.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static string TraceParentOf(string headers)
    {
        using var json = JsonDocument.Parse(headers);
        return json.RootElement.GetProperty("headers").EnumerateObject()
            .Single(header => header.Name.Equals("traceparent", StringComparison.OrdinalIgnoreCase)).Value.ToString();
    }

    private async Task<IReadOnlyList<Span>> WaitForSpansAsync(string traceId, Func<IReadOnlyList<Span>, bool> wanted)
    {
        IReadOnlyList<Span> spans = [];
        await Dashboard.AskAsync($"/api/telemetry/spans?traceId={traceId}", text => wanted(spans = Read(text)));
        return spans;
    }

    private static IReadOnlyList<Span> Read(string text)
    {
        using var json = JsonDocument.Parse(text);
        return
        [
            .. from resource in Array(json.RootElement.GetProperty("data"), "resourceSpans")
               from scope in Array(resource, "scopeSpans")
               from span in Array(scope, "spans")
               select new Span(
                   Service(resource),
                   span.GetProperty("spanId").GetString()!,
                   span.TryGetProperty("parentSpanId", out var parent) ? parent.GetString() ?? "" : "",
                   span.TryGetProperty("kind", out var kind) ? kind.GetInt32() : Internal,
                   Time(span, "startTimeUnixNano"),
                   Time(span, "endTimeUnixNano"),
                   span.TryGetProperty("status", out var status) && status.TryGetProperty("code", out var code) ? code.GetInt32() : 0),
        ];
    }

    private static string? Service(JsonElement resource) =>
        Array(resource.GetProperty("resource"), "attributes")
            .Single(attribute => attribute.GetProperty("key").GetString() == "service.name")
            .GetProperty("value").GetProperty("stringValue").GetString();

    private static IEnumerable<JsonElement> Array(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray()] : [];

    private static TimeSpan Time(JsonElement span, string name) =>
        TimeSpan.FromTicks(long.Parse(span.GetProperty(name).ToString(), CultureInfo.InvariantCulture) / 100);

    private static string NewId(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));

    [GeneratedRegex(@"^\s*api-\d-\w+\s*$")]
    private static partial Regex ReplicaName();

    private sealed record Span(string? Service, string Id, string ParentId, int Kind, TimeSpan Start, TimeSpan End, int Status);
}
