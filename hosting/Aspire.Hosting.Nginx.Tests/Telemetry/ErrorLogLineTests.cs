using Aspire.Hosting.Nginx.Telemetry;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

public class ErrorLogLineTests
{
    [Fact]
    public void Takes_a_line_apart()
    {
        const string Time = "2026-02-03T04:05:05.1234567Z 2026/02/03 05:05:05";
        const string Problem = "connect() to unix:/run/api.sock failed (2: No such file or directory) while connecting to upstream";
        const string Request = """
            client: 127.0.0.1, server: localhost, request: "POST /orders?key=secret HTTP/1.1"
            """;
        const string Upstream = """
            upstream: "http://unix:/run/api.sock:/orders?key=secret", host: "localhost:8080"
            """;
        const string Referrer = """
            referrer: "http://a.example/, server: fake?key=secret"
            """;

        var logger = new RecordingLogger();
        ErrorLogLine.Parse($"{Time} [error] 42#43: *7 {Problem}, {Request}, {Upstream}, {Referrer}")!.WriteTo(logger);

        var (level, message, values) = Assert.Single(logger.Records);
        Assert.Equal((LogLevel.Error, Problem), (level, message));
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["nginx.log.level"] = "error",
                ["process.pid"] = 42L,
                ["nginx.connection"] = 7L,
                ["client.address"] = "127.0.0.1",
                ["nginx.server"] = "localhost",
                ["server.address"] = "localhost:8080",
                ["http.request.method"] = "POST",
                ["url.path"] = "/orders",
                ["nginx.upstream.address"] = "http://unix:/run/api.sock:/orders",
            },
            values);
    }

    [Theory]
    [InlineData("debug", LogLevel.Debug)]
    [InlineData("info", LogLevel.Information)]
    [InlineData("notice", LogLevel.Information)]
    [InlineData("warn", LogLevel.Warning)]
    [InlineData("error", LogLevel.Error)]
    [InlineData("crit", LogLevel.Critical)]
    [InlineData("alert", LogLevel.Critical)]
    [InlineData("emerg", LogLevel.Critical)]
    public void Maps_the_level(string level, LogLevel expected)
    {
        var logger = new RecordingLogger();
        ErrorLogLine.Parse($"2026/02/03 05:05:05 [{level}] 42#42: signal 3")!.WriteTo(logger);

        var record = Assert.Single(logger.Records);
        Assert.Equal((expected, "signal 3", level), (record.Level, record.Message, record.Values["nginx.log.level"]));
        Assert.DoesNotContain("nginx.connection", record.Values.Keys);
    }

    [Theory]
    [InlineData("nginx 1.22.1 runs with /run/nginx.conf")]
    [InlineData("2026-02-03T04:05:05Z nginx: [emerg] bind() failed")]
    [InlineData("")]
    public void Leaves_other_lines_alone(string line) => Assert.Null(ErrorLogLine.Parse(line));

    [Theory]
    [InlineData("open() \"/srv/x, client: 6.6.6.6, server: evil, request: \"GET / HTTP/1.1\", host: \"a\"\" failed (2: No such file)", "")]
    [InlineData(
        "access forbidden by rule", ", referrer: \"x\", client: 6.6.6.6, server: evil, request: \"GET / HTTP/1.1\", host: \"evil\"")]
    [InlineData("user \"a\", client: 6.6.6.6, server: evil\" was not found in \"/etc/users\"", "")]
    public void Takes_no_client_that_a_client_made_up(string message, string end)
    {
        var line = ErrorLogLine.Parse(
            $"2026/02/03 05:05:05 [error] 42#43: *7 {message}, client: 127.0.0.1, server: localhost, "
            + $"request: \"GET /a HTTP/1.1\", host: \"shop\"{end}")!;

        Assert.Equal(
            ("127.0.0.1", "localhost", "GET /a HTTP/1.1", "shop", message),
            (line.Request["client"], line.Request["server"], line.Request["request"], line.Request["host"], line.Message));
    }

    [Fact]
    public void Takes_no_client_where_two_could_be_it()
    {
        const string Made = "client: 6.6.6.6, server: evil, request: \"GET / HTTP/1.1\", host: \"a\"";
        var line = ErrorLogLine.Parse(
            "2026/02/03 05:05:05 [error] 42#43: *7 open() \"/srv/x\" failed, client: 127.0.0.1, server: localhost, "
            + $"referrer: \"b\", {Made}")!;

        Assert.Empty(line.Request);
    }

    [Fact]
    public void Escapes_control_characters()
    {
        var line = ErrorLogLine.Parse(
            "2026/02/03 05:05:05 [error] 42#43: *7 open() \"/srv/\e[2J\t\u0085\" failed, client: 127.0.0.1, server: a\ab, host: \"x\e\"")!;

        Assert.Equal("open() \"/srv/\\x1B[2J\\x09\\x85\" failed", line.Message);
        Assert.Equal("a\\x07b", line.Request["server"]);
        Assert.Equal("x\\x1B", line.Request["host"]);
    }

    [Fact]
    public void Reads_whatever_a_client_can_put_into_a_line()
    {
        string[] parts =
        [
            ", client: ", ", server: ", ", request: \"", ", upstream: \"", ", host: \"", ", referrer: \"",
            "\"", ",", " ", "\n", "\e", "\0", "a", "\ud800", "\uffff",
        ];
        var random = new Random(20260203);
        for (var index = 0; index < 20_000; index++)
        {
            var text = string.Concat(random.GetItems(parts, random.Next(30)));
            var line = ErrorLogLine.Parse($"2026/02/03 05:05:05 [error] 42#43: *7 {text}");

            Assert.NotNull(line);
            line.WriteTo(new RecordingLogger());
            Assert.DoesNotContain(line.Request.Values.Append(line.Message), static value => value.Any(char.IsControl));
            ErrorLogLine.Parse(text);
        }
    }
}
