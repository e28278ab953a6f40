using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.Gunicorn.Tests;

/// <summary>The Flask application of the samples answers as FlaskStack.Api does.</summary>
public sealed class SampleTests
{
    private const string Json = "application/json; charset=utf-8";
    private const string Text = "text/plain; charset=utf-8";
    private const string Problem = "application/problem+json; charset=utf-8";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static readonly (string Body, HttpStatusCode Status, string Type, string Part)[] Answers =
    [
        ("""{"data":"<script>"}""", HttpStatusCode.OK, Text, "<script>"),
        ("""{"data":"\u4f60\ud83d\ude00"}""", HttpStatusCode.OK, Text, "你😀"),
        ("""{"data":{"a":[1,2]}}""", HttpStatusCode.OK, Json, """{"a":[1,2]}"""),
        ("""{"data":null}""", HttpStatusCode.OK, Json, "null"),
        ("", HttpStatusCode.BadRequest, Problem, "not JSON"),
        ("null", HttpStatusCode.BadRequest, Problem, "'data'"),
        ("[]", HttpStatusCode.BadRequest, Problem, "'data'"),
        ("\"x\"", HttpStatusCode.BadRequest, Problem, "'data'"),
        ("{}", HttpStatusCode.BadRequest, Problem, "'data'"),
        ("{\"data\": oops}", HttpStatusCode.BadRequest, Problem, "not JSON"),
        ("""{"data":"\ud800"}""", HttpStatusCode.BadRequest, Problem, "surrogates"),
        ("{\"data\":" + new string('[', 100_000), HttpStatusCode.BadRequest, Problem, "not JSON"),
        ("{\"data\":\"" + new string('x', 3_000_000) + "\"}", HttpStatusCode.RequestEntityTooLarge, Problem, "2097152 bytes"),
    ];

    [GunicornFact]
    public async Task Answers_as_the_api_does()
    {
        var builder = TestApplication.CreateBuilder();
        builder.Configuration["Gunicorn:Path"] = ExecutablePath.Find("gunicorn");
        var flask = builder.AddGunicornApp("flask", Folder(), "wsgi:app").WithWorkers(1);
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("flask").WaitAsync(Deadline);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new(flask.Resource.PrimaryEndpoint.Url),
            Timeout = Deadline,
        };

        Assert.Equal("Hello World!", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        foreach (var (body, status, type, part) in Answers)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(new Uri("/server", UriKind.Relative), content);
            Assert.Equal((status, type), (response.StatusCode, response.Content.Headers.ContentType?.ToString()));
            Assert.Contains(part, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        }

        using var plain = new StringContent("x");
        using var refused = await client.PostAsync(new Uri("/server", UriKind.Relative), plain);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, refused.StatusCode);
        await application.StopAsync().WaitAsync(Deadline);
    }

    private static string Folder([CallerFilePath] string test = "") => Path.GetFullPath("../../../samples/flask-proj", test);
}
