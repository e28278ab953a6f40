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

    [Fact]
    public void Knows_that_a_request_could_not_be_logged()
    {
        const string Line = "2026/02/03 05:05:05 [warn] 42#42: *7 send() to syslog failed while logging request, client: 127.0.0.1";

        Assert.True(ErrorLogLine.Parse(Line)!.IsLostMessage);
    }
}
