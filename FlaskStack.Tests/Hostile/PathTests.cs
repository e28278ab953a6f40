namespace FlaskStack.Tests.Hostile;

/// <summary>What is inside stays inside, in every spelling of its path.</summary>
[Collection(HostileGraphGroup.Name)]
[Trait("Category", HostileGraphGroup.Category)]
public sealed class PathTests(HostileGraph graph)
{
    [Theory]
    [InlineData("/-/nginx/")]
    [InlineData("/-/nginx/errors/1.html")]
    [InlineData("/-/nginx/errors/")]
    [InlineData("/-/nginx/errors/../errors/1.html")]
    [InlineData("/-/nginx/errors/..%2f..%2fetc/passwd")]
    [InlineData("/-/nginx/problems/400")]
    [InlineData("/-/nginx/problems/413")]
    [InlineData("/-/nginx/sessions/api")]
    [InlineData("/%2d/nginx/problems/400")]
    [InlineData("/-%2fnginx/problems/400")]
    [InlineData("/-/%6eginx/problems/400")]
    [InlineData("//-/nginx/problems/400")]
    [InlineData("/-//nginx//problems//400")]
    [InlineData("/./-/nginx/problems/400")]
    [InlineData("/x/../-/nginx/problems/400")]
    [InlineData("/x/%2e%2e/-/nginx/problems/400")]
    [InlineData("/-/nginx/problems/400?x=1")]
    [InlineData("/-/nginx/problems/400#x")]
    [InlineData("/-/NGINX/problems/400")]
    [InlineData("/-/nginx;/problems/400")]
    [InlineData("/-/nginx%00/problems/400")]
    [InlineData("/-/nginx/upstream-changes")]
    [InlineData("/@retry_all")]
    [InlineData("http://localhost/-/nginx/problems/400")]
    public async Task Paths_of_nginx_itself_are_not_served(string path)
    {
        var response = await graph.AskAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n");

        Assert.Equal(path.Contains("%00", StringComparison.Ordinal) ? 400 : 404, response.Status);
        Assert.DoesNotContain("root:", response.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Accel-Redirect")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-HTTP-Method-Override")]
    public async Task No_header_of_a_client_changes_the_path(string header)
    {
        var response = await graph.AskAsync($"GET / HTTP/1.1\r\nHost: localhost\r\n{header}: /-/nginx/problems/400\r\n");

        Assert.Equal((200, "Hello World!"), (response.Status, response.Body));
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/alive/requests")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/HEALTH")]
    [InlineData("/Alive/Requests")]
    [InlineData("/OpenApi/V1.json")]
    [InlineData("/health/")]
    [InlineData("/alive/requests/")]
    [InlineData("/health?x=1")]
    [InlineData("/%68ealth")]
    [InlineData("//health")]
    [InlineData("/./health")]
    [InlineData("/x/../health")]
    [InlineData("/x/%2e%2e/health")]
    [InlineData("/alive/%72equests")]
    [InlineData("/alive//requests")]
    [InlineData("http://localhost/health")]
    public async Task The_state_of_a_replica_is_not_for_clients(string path)
    {
        foreach (var method in (string[])["GET", "HEAD"])
        {
            await using var connection = await RawHttp.ConnectAsync(graph.Nginx);
            await connection.SendAsync($"{method} {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");

            Assert.Equal(404, (await connection.ReceiveAsync(hasBody: method != "HEAD"))?.Status);
        }
    }

    [Fact]
    public async Task A_probe_on_the_machine_reaches_a_replica()
    {
        foreach (var replica in graph.Replicas)
        {
            var responses = await RawHttp.ExchangeAsync(replica, "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            Assert.Equal(200, Assert.Single(responses).Status);
        }
    }

    [Theory]
    [InlineData("/assets/../secret.txt")]
    [InlineData("/assets/..%2fsecret.txt")]
    [InlineData("/assets/%2e%2e/secret.txt")]
    [InlineData("/assets/%2e%2e%2fsecret.txt")]
    [InlineData("/assets/%252e%252e%252fsecret.txt")]
    [InlineData("/assets/..%5csecret.txt")]
    [InlineData("/assets/..\\secret.txt")]
    [InlineData("/assets/.%00./secret.txt")]
    [InlineData("/assets/..;/secret.txt")]
    [InlineData("/assets/....//secret.txt")]
    [InlineData("/assets../secret.txt")]
    [InlineData("/assets..%2fsecret.txt")]
    [InlineData("/assets%2f..%2fsecret.txt")]
    [InlineData("/assets//../secret.txt")]
    [InlineData("/assets/%c0%ae%c0%ae/secret.txt")]
    [InlineData("/assets/x/../../secret.txt")]
    [InlineData("/assets/link.txt")]
    [InlineData("/assets/link/secret.txt")]
    [InlineData("/assets/link/")]
    [InlineData("/assets/.env")]
    [InlineData("/assets/%2eenv")]
    [InlineData("/assets//.env")]
    [InlineData("/assets/./.env")]
    [InlineData("/assets/.git/config")]
    [InlineData("/assets/.git/")]
    [InlineData("/assets/.well-known/../.env")]
    public async Task Static_files_are_those_of_the_folder_that_are_not_hidden(string path)
    {
        var response = await graph.AskAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n");

        Assert.DoesNotContain(HostileGraph.Secret, response.Body, StringComparison.Ordinal);
        // nginx answers 403 for a link; 404 instead would also hide that a rule of the user keeps a client out.
        Assert.Contains(response.Status, path.StartsWith("/assets/link", StringComparison.Ordinal) ? (int[])[403, 404] : [400, 404]);
    }

    [Theory]
    [InlineData("/assets/app.js")]
    [InlineData("/assets/.well-known/security.txt")]
    public async Task Static_files_are_served(string path) =>
        Assert.Equal("served", (await graph.AskAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n")).Body);
}
