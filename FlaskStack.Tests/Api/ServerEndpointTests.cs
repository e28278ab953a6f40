using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FlaskStack.Api;
using Microsoft.AspNetCore.Http;

namespace FlaskStack.Tests.Api;

public sealed class ServerEndpointTests
{
    [Theory]
    [InlineData("""{"data":"<script>"}""", "text/plain; charset=utf-8", "<script>")]
    [InlineData("""{"data":"\u4f60\ud83d\ude00"}""", "text/plain; charset=utf-8", "你😀")]
    [InlineData("""{"data":"\\u0041\n\"é\/"}""", "text/plain; charset=utf-8", "\\u0041\n\"é/")]
    [InlineData("""{"data":""}""", "text/plain; charset=utf-8", "")]
    [InlineData("""{"data":{"a":[1, 2]}}""", "application/json; charset=utf-8", """{"a":[1, 2]}""")]
    [InlineData("""{"other":0,"data":null}""", "application/json; charset=utf-8", "null")]
    [InlineData("""{"data":1.50}""", "application/json; charset=utf-8", "1.50")]
    public async Task Gives_the_data_back(string body, string contentType, string expected)
    {
        await using var host = await ApiHost.StartAsync();

        using var response = await host.PostAsync(body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("é", 'é')]
    [InlineData("\\u00e9", 'é')]
    public async Task Gives_a_long_text_back(string written, char read)
    {
        const int length = 100_000;
        await using var host = await ApiHost.StartAsync();

        using var response = await host.PostAsync($"{{\"data\":\"{string.Concat(Enumerable.Repeat(written, length))}\"}}");

        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(length * 2, response.Content.Headers.ContentLength);
        Assert.Equal(new string(read, length), await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("null", "null")]
    [InlineData("[]", "array")]
    [InlineData("\"x\"", "string")]
    [InlineData("7", "number")]
    [InlineData("true", "true or false")]
    [InlineData("{}", "'data'")]
    [InlineData("""{"Data":1}""", "'data'")]
    [InlineData("{\"data\":\n  oops}", "line 2, byte 3")]
    [InlineData("""{"data":1} x""", "not JSON")]
    [InlineData("""{"data":"\ud800"}""", "surrogate")]
    public async Task Names_what_is_wrong_with_a_body(string body, string cause)
    {
        await using var host = await ApiHost.StartAsync();

        using var response = await host.PostAsync(body);

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, cause);
    }

    [Fact]
    public async Task Refuses_text_that_is_not_utf8()
    {
        await using var host = await ApiHost.StartAsync();

        using var response = await host.PostAsync([.. "{\"data\":\""u8, 0xFF, .. "\"}"u8]);

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, "UTF-8");
    }

    [Fact]
    public async Task Refuses_nesting_without_end()
    {
        await using var host = await ApiHost.StartAsync();

        using var response = await host.PostAsync("{\"data\":" + new string('[', 10_000) + new string(']', 10_000) + "}");

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, "depth");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("")]
    public async Task Refuses_another_content_type(string contentType)
    {
        await using var host = await ApiHost.StartAsync();

        using var response = await host.PostAsync("""{"data":1}""", contentType);

        await AssertProblemAsync(response, HttpStatusCode.UnsupportedMediaType, "application/json");
    }

    [Theory]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/vnd.api+json")]
    public async Task Takes_every_kind_of_json(string contentType)
    {
        await using var host = await ApiHost.StartAsync();

        using var response = await host.PostAsync("""{"data":1}""", contentType);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answers_413_to_a_body_over_the_limit_and_keeps_serving(bool chunked)
    {
        await using var host = await ApiHost.StartAsync(null, "--Api:MaxBodyBytes=1000");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/server") { Content = new ByteArrayContent(new byte[300_000]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await host.Client.SendAsync(request);
        using var next = await host.PostAsync("""{"data":1}""");

        await AssertProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "1000 bytes");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task Takes_a_body_of_exactly_the_limit()
    {
        const string shell = """{"data":""}""";
        await using var host = await ApiHost.StartAsync(null, "--Api:MaxBodyBytes=4000000");
        var text = new string('x', 4_000_000 - shell.Length);

        using var response = await host.PostAsync($$"""{"data":"{{text}}"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(text, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("string", "text/plain", "plain")]
    [InlineData("node", "application/json", """{"a":"你"}""")]
    [InlineData("value", "text/plain", "inside")]
    [InlineData("number", "application/json", "5")]
    [InlineData("null", "application/json", "null")]
    public async Task Sends_whatever_the_work_returns(string kind, string mediaType, string expected)
    {
        object? result = kind switch
        {
            "string" => "plain",
            "node" => new JsonObject { ["a"] = "你" },
            "value" => JsonValue.Create("inside"),
            "number" => 5,
            _ => null,
        };
        await using var host = await ApiHost.StartAsync(new FixedApi((_, _) => ValueTask.FromResult(result)));

        using var response = await host.PostAsync("""{"data":1}""");

        Assert.Equal(mediaType, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Hides_an_exception_from_the_client_and_logs_it_with_the_trace_id()
    {
        await using var host = await ApiHost.StartAsync(new FixedApi((_, _) => throw new InvalidOperationException("secret detail")));

        using var response = await host.PostAsync("""{"data":1}""");

        var problem = await AssertProblemAsync(response, HttpStatusCode.InternalServerError, "failed");
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
        var traceId = problem.GetProperty("traceId").GetString()!;
        Assert.Contains(
            host.Logs.Records,
            record => record.Exception?.Message == "secret detail" && record.Message.Contains(traceId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_the_type_that_has_no_serializer_in_the_log()
    {
        await using var host = await ApiHost.StartAsync(new FixedApi((_, _) => ValueTask.FromResult<object?>(new StringBuilder())));

        using var response = await host.PostAsync("""{"data":1}""");

        await AssertProblemAsync(response, HttpStatusCode.InternalServerError, "failed");
        Assert.Contains(
            host.Logs.Records,
            record => record.Exception?.Message.Contains("JsonSerializable(typeof(StringBuilder))", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Lets_the_work_refuse_data()
    {
        await using var host =
            await ApiHost.StartAsync(new FixedApi((_, _) => throw new BadHttpRequestException("too late in the day", 422)));

        using var response = await host.PostAsync("""{"data":1}""");

        await AssertProblemAsync(response, HttpStatusCode.UnprocessableEntity, "too late in the day");
    }

    private static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string cause)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Contains(cause, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        return problem;
    }

    private sealed class FixedApi(Func<JsonElement, CancellationToken, ValueTask<object?>> work) : ServerApi
    {
        public override ValueTask<object?> HandleAsync(JsonElement data, CancellationToken cancellationToken) =>
            work(data, cancellationToken);
    }
}
