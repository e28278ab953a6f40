using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace FlaskStack.Tests.Graph;

[Collection(SharedGraphGroup.Name)]
public sealed class CorsTests(SharedGraph shared)
{
    [Fact]
    public async Task Answers_a_preflight_itself()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/server");
        request.Headers.Add("Origin", "https://shop.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type");

        using var response = await shared.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Contains("POST", Header(response, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("Content-Type", Header(response, "Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("86400", Header(response, "Access-Control-Max-Age"));
    }

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/testing/fail", HttpStatusCode.InternalServerError)]
    public async Task A_page_may_read_every_answer_of_the_api(string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Origin", "https://shop.example");

        using var response = await shared.Client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_page_may_read_that_nginx_refused_a_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/server") { Content = new ByteArrayContent(new byte[3_000_000]) };
        request.Headers.Add("Origin", "https://shop.example");
        request.Headers.ExpectContinue = true;

        using var response = await shared.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("The body is larger than 2097152 bytes.", problem.GetProperty("detail").GetString());
    }

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));
}
