using Aspire.Hosting.Nginx.Telemetry.ErrorLog;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

public class ErrorLogLineTests
{
    private static readonly DateTimeOffset Now = new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);

    [Fact]
    public void Takes_a_line_apart()
    {
        var record = ErrorLogLine.Parse(
            """2026-02-03T04:05:05.1234567Z 2026/02/03 05:05:05 [error] 42#43: *7 connect() to unix:/run/api.sock failed (2: No such file or directory) while connecting to upstream, client: 127.0.0.1, server: localhost, request: "POST /orders?key=secret HTTP/1.1", upstream: "http://unix:/run/api.sock:/orders?key=secret", host: "localhost:8080", referrer: "http://a.example/, server: fake?key=secret" """.TrimEnd(),
            Now)!.ToRecord(Now);

        Assert.Equal("connect() to unix:/run/api.sock failed (2: No such file or directory) while connecting to upstream", record.Body.StringValue);
        Assert.Equal((17, "error"), (record.SeverityNumber, record.SeverityText));
        Assert.Equal(1770091505_123456700ul, record.TimeUnixNano);
        Assert.Equal("42", record.Attributes.Value("process.pid"));
        Assert.Equal("7", record.Attributes.Value("nginx.connection"));
        Assert.Equal("127.0.0.1", record.Attributes.Value("client.address"));
        Assert.Equal("localhost", record.Attributes.Value("nginx.server"));
        Assert.Equal("localhost:8080", record.Attributes.Value("server.address"));
        Assert.Equal("POST", record.Attributes.Value("http.request.method"));
        Assert.Equal("/orders", record.Attributes.Value("url.path"));
        Assert.Equal("http://unix:/run/api.sock:/orders", record.Attributes.Value("nginx.upstream.address"));
        Assert.DoesNotContain("secret", record.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://unix:/run/api.sock:/orders?key=secret", "unix:/run/api.sock")]
    [InlineData("http://127.0.0.1:5001/orders", "127.0.0.1:5001")]
    [InlineData("https://[::1]:5001/", "[::1]:5001")]
    [InlineData("http://api", "api")]
    public void Names_the_member_it_is_about(string upstream, string member)
    {
        var line = ErrorLogLine.Parse($"2026/02/03 05:05:05 [error] 42#43: *7 connect() failed, client: 127.0.0.1, upstream: \"{upstream}\", host: \"localhost\"", Now)!;

        Assert.Equal(member, line.Member);
    }

    [Fact]
    public void Names_no_member_where_it_is_about_none() =>
        Assert.Null(ErrorLogLine.Parse("2026/02/03 05:05:05 [error] 42#43: *7 access forbidden, client: 127.0.0.1", Now)!.Member);

    [Theory]
    [InlineData("debug", 5)]
    [InlineData("info", 9)]
    [InlineData("notice", 10)]
    [InlineData("warn", 13)]
    [InlineData("error", 17)]
    [InlineData("crit", 18)]
    [InlineData("alert", 19)]
    [InlineData("emerg", 21)]
    public void Maps_the_severity(string level, int severity)
    {
        var record = ErrorLogLine.Parse($"2026/02/03 05:05:05 [{level}] 42#42: signal 3", Now)!.ToRecord(Now);

        Assert.Equal((severity, level, "signal 3"), (record.SeverityNumber, record.SeverityText, record.Body.StringValue));
        Assert.Equal(1770091506_000000000ul, record.TimeUnixNano);
        Assert.Null(record.Attributes.Value("nginx.connection"));
    }

    [Theory]
    [InlineData("nginx 1.22.1 runs with /run/nginx.conf")]
    [InlineData("2026-02-03T04:05:05Z nginx: [emerg] bind() failed")]
    [InlineData("")]
    public void Leaves_other_lines_alone(string line) => Assert.Null(ErrorLogLine.Parse(line, Now));

    [Fact]
    public void Knows_that_a_request_could_not_be_logged() =>
        Assert.True(ErrorLogLine.Parse("2026/02/03 05:05:05 [warn] 42#42: *7 send() to syslog failed while logging request, client: 127.0.0.1", Now)!.IsLostMessage);
}
