using System.Text;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Nginx.Telemetry.AccessLog;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>Reading what nginx writes.</summary>
public class AccessLogTests
{
    [Fact]
    public void Reads_the_fields_of_a_brief_message()
    {
        var fields = new Range[AccessLogFormat.FieldCount];

        Assert.True(AccessLogEntry.TryRead("""{"status":"200","duration":"0.003","method":"GET","route":"/","member":"unix:/a","member_duration":"0.002"}"""u8, fields, out var entry));

        Assert.Equal("GET"u8, entry[AccessLogField.Method]);
        Assert.Equal("unix:/a"u8, entry[AccessLogField.Member]);
        Assert.False(entry.IsFull);
        Assert.False(entry.IsSampled);
    }

    [Fact]
    public void Reads_what_is_left_of_a_cut_message()
    {
        var fields = new Range[AccessLogFormat.FieldCount];

        Assert.True(AccessLogEntry.TryRead("""{"status":"200","duration":"0.003","method":"GET","time":"1.000","target":"/a-very-lo"""u8, fields, out var entry));

        Assert.True(entry.IsFull);
        Assert.True(entry[AccessLogField.Target].IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"status\":")]
    [InlineData("[1,2]")]
    [InlineData("{\"status\":\"200\"}")]
    [InlineData("<190>Feb  3 04:05:06 nginx: nonsense")]
    public void Reads_nothing_from_what_is_no_request(string message) =>
        Assert.False(AccessLogEntry.TryRead(Encoding.UTF8.GetBytes(message), new Range[AccessLogFormat.FieldCount], out _));

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
    public void Reads_durations(string written, long? milliseconds) => Assert.Equal(milliseconds, AccessLogText.Milliseconds(Encoding.ASCII.GetBytes(written)));

    [Theory]
    [InlineData("/a/b?c=d", "/a/b")]
    [InlineData("/", "/")]
    [InlineData("http://a.example/b?c", "/b")]
    [InlineData("http://a.example", "/")]
    [InlineData("*", "")]
    [InlineData("", "")]
    [InlineData("/a?http://b/c", "/a")]
    public void Takes_the_path_of_a_target(string target, string path) => Assert.Equal(path, RequestTarget.PathOf(target));

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
