using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace FlaskStack.Tests.Graph;

[Collection(SharedGraphGroup.Name)]
public sealed class ServingTests(SharedGraph shared)
{
    [Fact]
    public async Task Greets_through_nginx()
    {
        using var response = await shared.Client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("nginx", response.Headers.Server.ToString());
        Assert.Equal("Hello World!", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"a":[1,2.50,"ü"],"b":null}""")]
    [InlineData("[1,2,3]")]
    [InlineData("null")]
    [InlineData("17")]
    public async Task Answers_the_data_it_is_sent(string data)
    {
        using var response = await PostAsync($$"""{"data":{{data}}}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(data, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("{\"other\":1}")]
    public async Task Refuses_a_body_without_data_as_the_fault_of_the_client(string body)
    {
        using var response = await PostAsync(body);

        await AssertProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Passes_on_each_error_of_the_api_as_it_is()
    {
        using var unknown = await shared.Client.GetAsync(new Uri("/nowhere", UriKind.Relative));
        using var wrongMethod = await shared.Client.GetAsync(new Uri("/server", UriKind.Relative));
        using var wrongType = await PostAsync("data=1", "application/x-www-form-urlencoded");
        using var failed = await shared.Client.GetAsync(new Uri("/testing/fail", UriKind.Relative));

        await AssertProblemAsync(unknown, HttpStatusCode.NotFound);
        await AssertProblemAsync(wrongMethod, HttpStatusCode.MethodNotAllowed);
        await AssertProblemAsync(wrongType, HttpStatusCode.UnsupportedMediaType);
        await AssertProblemAsync(failed, HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task Refuses_a_body_that_is_too_large()
    {
        using var response = await PostAsync($$"""{"data":"{{new string('x', 1_500_000)}}"}""");

        await AssertProblemAsync(response, HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(64)]
    public async Task Spreads_requests_evenly_over_replicas_of_which_none_is_busier(int connections)
    {
        const int requests = 3000;
        var served = new ConcurrentDictionary<int, int>();

        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = connections }, async (_, cancellationToken) =>
        {
            var instance = await shared.KeptClient.GetFromJsonAsync<JsonElement>(
                new Uri("/testing/instance", UriKind.Relative),
                cancellationToken);
            served.AddOrUpdate(instance.GetProperty("pid").GetInt32(), 1, (_, count) => count + 1);
        });

        const int fair = requests / RunningGraph.Replicas;
        Assert.Equal(RunningGraph.Replicas, served.Count);
        Assert.All(served.Values, count => Assert.InRange(count, fair * 0.8, fair * 1.2));
    }

    [Fact]
    public async Task Tells_as_problem_details_that_nginx_refused_a_long_address()
    {
        using var response = await shared.Client.GetAsync(new Uri("/" + new string('x', 9000), UriKind.Relative));

        Assert.Equal(HttpStatusCode.RequestUriTooLong, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Tells_as_problem_details_that_nginx_refused_large_headers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("X-Large", new string('x', 40_000));

        using var response = await shared.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Serves_a_thousand_slow_requests_at_once()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            using var response = await shared.Client.GetAsync(new Uri("/testing/delay?ms=1000", UriKind.Relative));
            return response.StatusCode;
        }));

        Assert.All(responses, status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public async Task Takes_bodies_of_every_size_from_many_at_once(int size)
    {
        var text = new string('x', size);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var response = await PostAsync($$"""{"data":"{{text}}"}""");
            return (response.StatusCode, Text: await response.Content.ReadAsStringAsync());
        }));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, text), answer));
    }

    [Fact]
    public async Task Believes_nothing_a_client_says_of_where_it_comes_from()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/testing/headers");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "bank.example");
        request.Headers.Add("Forwarded", "for=203.0.113.7");

        using var response = await shared.Client.SendAsync(request);

        var seen = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(seen.GetProperty("client").GetString(), (string[])["127.0.0.1", "::1"]);
        Assert.Equal("http", seen.GetProperty("scheme").GetString());
        Assert.Equal(shared.Client.BaseAddress!.Authority, seen.GetProperty("host").GetString());
        Assert.DoesNotContain("203.0.113.7", seen.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("bank.example", seen.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    private async Task<HttpResponseMessage> PostAsync(string body, string mediaType = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, mediaType);
        return await shared.Client.PostAsync(new Uri("/server", UriKind.Relative), content);
    }
}
