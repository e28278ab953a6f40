using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FlaskStack.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

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
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task Takes_a_compressed_body(string encoding)
    {
        await using var host = await ApiHost.StartAsync();

        using var response = await PostEncodedAsync(host, encoding, Compress(encoding, """{"data":"hello"}"""u8.ToArray()));

        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, gzip")]
    [InlineData("nonsense")]
    public async Task Names_the_encodings_that_it_takes(string encoding)
    {
        await using var host = await ApiHost.StartAsync();

        using var response = await PostEncodedAsync(host, encoding, """{"data":"hello"}"""u8.ToArray());

        await AssertProblemAsync(response, HttpStatusCode.UnsupportedMediaType, encoding);
        Assert.Equal("gzip, deflate, br", response.Headers.GetValues("Accept-Encoding").Single());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Refuses_a_body_that_is_not_compressed_as_it_says(string encoding)
    {
        await using var host = await ApiHost.StartAsync();
        var compressed = Compress(encoding, Encoding.UTF8.GetBytes($$"""{"data":"{{Guid.NewGuid()}}"}"""));
        byte[] flipped = [.. compressed];
        flipped[flipped.Length / 2] ^= 0xFF;

        using var plain = await PostEncodedAsync(host, encoding, """{"data":"hello"}"""u8.ToArray());
        using var broken = await PostEncodedAsync(host, encoding, flipped);
        using var cut = await PostEncodedAsync(host, encoding, compressed[..(compressed.Length / 2)]);
        using var empty = await PostEncodedAsync(host, encoding, []);

        Assert.All(
            (HttpResponseMessage[])[plain, broken, cut, empty],
            response => Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode));
        Assert.All(host.Logs.Records, record => Assert.True(record.Level < LogLevel.Warning, record.Message));
    }

    [Theory]
    [InlineData("gzip", false)]
    [InlineData("gzip", true)]
    [InlineData("br", false)]
    [InlineData("br", true)]
    public async Task Holds_the_limit_for_what_a_body_decompresses_to(string encoding, bool chunked)
    {
        const int limit = 100_000;
        const string shell = """{"data":""}""";
        await using var host = await ApiHost.StartAsync(null, "--Api:MaxBodyBytes=100000");
        var fits = Encoding.UTF8.GetBytes($$"""{"data":"{{new string('x', limit - shell.Length)}}"}""");

        using var taken = await PostEncodedAsync(host, encoding, Compress(encoding, fits), chunked);
        using var refused = await PostEncodedAsync(host, encoding, Compress(encoding, [.. fits, (byte)' ']), chunked);
        using var bomb = await PostEncodedAsync(host, encoding, Compress(encoding, new byte[50_000_000]), chunked);

        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        await AssertProblemAsync(refused, HttpStatusCode.RequestEntityTooLarge, "larger than");
        await AssertProblemAsync(bomb, HttpStatusCode.RequestEntityTooLarge, "larger than");
    }

    [Fact]
    public async Task Limits_what_arrives_of_a_body_that_decompresses_to_nothing()
    {
        await using var host = await ApiHost.StartAsync(null, "--Api:MaxBodyBytes=1000");
        byte[] header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
        byte[] emptyBlock = [0, 0, 0, 0xFF, 0xFF];
        byte[] body = [.. header, .. Enumerable.Repeat(emptyBlock, 1000).SelectMany(block => block)];

        using var response = await PostEncodedAsync(host, "gzip", body, chunked: true);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
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

    private static async Task<HttpResponseMessage> PostEncodedAsync(ApiHost host, string encoding, byte[] body, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/server") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        request.Headers.TransferEncodingChunked = chunked;
        return await host.Client.SendAsync(request);
    }

    private static byte[] Compress(string encoding, byte[] body)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding.ToUpperInvariant() switch
        {
            "GZIP" => new GZipStream(compressed, CompressionMode.Compress),
            "DEFLATE" => new ZLibStream(compressed, CompressionMode.Compress),
            "BR" => new BrotliStream(compressed, CompressionMode.Compress),
            _ => new BufferedStream(compressed),
        })
        {
            stream.Write(body);
        }

        return compressed.ToArray();
    }

    private sealed class FixedApi(Func<JsonElement, CancellationToken, ValueTask<object?>> work) : ServerApi
    {
        public override ValueTask<object?> HandleAsync(JsonElement data, CancellationToken cancellationToken) =>
            work(data, cancellationToken);
    }
}
