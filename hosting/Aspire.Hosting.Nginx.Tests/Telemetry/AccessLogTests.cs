using System.Text;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>Reading what nginx writes.</summary>
public class AccessLogTests
{
    [Fact]
    public void Reads_the_fields_of_a_message()
    {
        var fields = new Range[AccessLogEntry.FieldCount];
        var message = """
            {"status":"200","request_time":"0.003","trace_flags":"01","upstream_addr":"unix:/a","unknown":"x","request":"GET / HTTP/1.1"}
            """u8;

        Assert.True(AccessLogEntry.TryRead(message, fields, out var entry));

        Assert.Equal("GET / HTTP/1.1"u8, entry[AccessLogField.Request]);
        Assert.Equal("unix:/a"u8, entry[AccessLogField.UpstreamAddr]);
        Assert.Equal(3, entry.Milliseconds(AccessLogField.RequestTime));
        Assert.True(entry[AccessLogField.Host].IsEmpty);
        Assert.True(entry.IsSampled);
        Assert.False(entry.HasFailed);
    }

    [Fact]
    public void Reads_what_is_left_of_a_cut_message()
    {
        var fields = new Range[AccessLogEntry.FieldCount];

        var message = """{"status":"503","request_time":"0.003","msec":"1.000","request":"GET /a-very-lo"""u8;

        Assert.True(AccessLogEntry.TryRead(message, fields, out var entry));

        Assert.Equal("1.000", entry.Text(AccessLogField.Msec));
        Assert.True(entry[AccessLogField.Request].IsEmpty);
        Assert.True(entry.HasFailed);
    }

    [Theory]
    [InlineData("GET /a HTTP/1.1", "GET", "/a")]
    [InlineData("BREW /a HTTP/1.1", "_OTHER", "/a")]
    [InlineData("get /a HTTP/1.1", "_OTHER", "/a")]
    [InlineData("nonsense", "_OTHER", "")]
    [InlineData("", "_OTHER", "")]
    public void Takes_a_request_line_apart(string line, string method, string target)
    {
        Assert.Equal(method, RequestLine.MethodOf(Encoding.UTF8.GetBytes(line)));
        Assert.Equal(target, RequestLine.TargetOf(line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"status\":")]
    [InlineData("[1,2]")]
    [InlineData("{\"status\":\"200\"}")]
    [InlineData("{\"request_time\":\"0.003\",\"status\":{")]
    [InlineData("{\"request_time\":\"0.003\",\"status\":200,")]
    [InlineData("<190>Feb  3 04:05:06 nginx: nonsense")]
    public void Reads_nothing_from_what_is_no_request(string message) =>
        Assert.False(AccessLogEntry.TryRead(Encoding.UTF8.GetBytes(message), new Range[AccessLogEntry.FieldCount], out _));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\\\"b\\\\c", "a\"b\\c")]
    [InlineData("\\n\\r\\t\\b\\f\\u0001", "\n\r\t\b\f\u0001")]
    [InlineData("ends with \\", "ends with \\")]
    [InlineData("größe", "größe")]
    public void Decodes(string written, string text) => Assert.Equal(text, AccessLogText.Decode(Encoding.UTF8.GetBytes(written)));

    [Fact]
    public void Decodes_what_is_no_text() => Assert.Equal("a\uFFFDb", AccessLogText.Decode([(byte)'a', 0xFF, (byte)'b']));

    [Theory]
    [InlineData("0.000", 0L)]
    [InlineData("12.345", 12345L)]
    [InlineData("-", null)]
    [InlineData("", null)]
    [InlineData("1.5", null)]
    public void Reads_durations(string written, long? milliseconds) =>
        Assert.Equal(milliseconds, AccessLogText.Milliseconds(Encoding.ASCII.GetBytes(written)));

    [Theory]
    [InlineData("/a/b?c=d", "/a/b")]
    [InlineData("/", "/")]
    [InlineData("http://a.example/b?c", "/b")]
    [InlineData("http://a.example", "/")]
    [InlineData("*", "")]
    [InlineData("", "")]
    [InlineData("/a?http://b/c", "/a")]
    public void Takes_the_path_of_a_target(string target, string path) => Assert.Equal(path, RequestLine.PathOf(target));

    [Fact]
    public void Takes_lists_apart()
    {
        var list = "unix:/a, unix:/b : 127.0.0.1:1"u8;
        var taken = new List<string>();
        while (!list.IsEmpty)
        {
            taken.Add(Encoding.ASCII.GetString(AccessLogText.TakeFirst(ref list)));
        }

        Assert.Equal(["unix:/a", "unix:/b", "127.0.0.1:1"], taken);
    }
}
