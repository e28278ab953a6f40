using System.Text;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>Whatever is in nginx's logs, they are read on: clients write a part of each line.</summary>
public sealed class RandomLogTests
{
    private const int Lines = 5_000;

    private static readonly string[] Pieces =
    [
        "\"", "\\", "\\u00", "{", "}", "[", "1", "-", "null", "true", ", ", " : ", "\r\n", "\0", "\u0085", "\uFFFD", "é", ": \"",
        ", client: ", ", referrer: \"", ", upstream: \"", "9999999999999999999", "0.00", "99999999999999999.999",
        "unix:", "[::1]:80", "00-", "\"status\":{",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Reads_any_message_of_the_access_log(int seed)
    {
        var random = new Random(seed);
        using var metrics = new RequestMetrics(static _ => new MemberName("api", "api-aaaaaaaa"), null);
        var spans = new SpanBuilder(static _ => new MemberName("api", "api-aaaaaaaa"));
        var fields = new Range[AccessLogEntry.FieldCount];
        var (read, sent) = (0, 0);

        for (var line = 0; line < Lines; line++)
        {
            if (AccessLogEntry.TryRead(Change(Encoding.UTF8.GetBytes(Message(random)), random), fields, out var entry))
            {
                read++;
                metrics.Add(entry);
                foreach (var field in Enum.GetValues<AccessLogField>())
                {
                    _ = entry.Text(field);
                }

                sent += spans.Build(entry).Count;
            }
        }

        Assert.InRange(read, Lines / 10, Lines - 1);
        Assert.InRange(sent, read / 2, int.MaxValue);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Reads_any_line_of_the_error_log(int seed)
    {
        const string Line = "2026/02/03 05:05:05 [error] 42#43: *7 connect() failed (2: No such file or directory), client: 127.0.0.1, "
            + "server: localhost, request: \"POST /orders?key=secret HTTP/1.1\", upstream: \"http://unix:/run/api.sock:/orders\", "
            + "host: \"localhost:8080\", referrer: \"http://a.example/\"";
        var random = new Random(seed);
        var logger = new RecordingLogger();

        for (var line = 0; line < Lines; line++)
        {
            ErrorLogLine.Parse(Encoding.UTF8.GetString(Change(Encoding.UTF8.GetBytes(Line), random)))?.WriteTo(logger);
        }

        Assert.InRange(logger.Records.Count, Lines / 10, Lines - 1);
        Assert.DoesNotContain(
            logger.Records,
            record => record.Message.Any(char.IsControl) || record.Values.Values.OfType<string>().Any(value => value.Any(char.IsControl)));
    }

    /// <summary>A message with all fields.</summary>
    private static string Message(Random random) =>
        $"{{{string.Join(',', AccessLogFormat.Names.Select(name => $"\"{name}\":{Value(name, random)}"))}}}";

    private static string Value(string name, Random random) => random.Next(20) == 0
        ? $"\"{Pieces[random.Next(8, Pieces.Length)]}\""
        : name switch
        {
            "status" or "upstream_status" => "\"200\"",
            _ when name.EndsWith("time", StringComparison.Ordinal) => "\"0.003\"",
            "request" => "\"GET /a?b HTTP/1.1\"",
            "upstream_addr" => "\"unix:/a, unix:/b\"",
            "msec" => "\"1770000000.000\"",
            "trace_id" => "\"4bf92f3577b34da6a3ce929d0e0e4736\"",
            _ when name.EndsWith("span_id", StringComparison.Ordinal) => "\"00f067aa0ba902b7\"",
            _ => "\"1\"",
        };

    /// <summary>Cuts, repeats and replaces parts, mostly few.</summary>
    private static byte[] Change(byte[] text, Random random)
    {
        var changed = text.ToList();
        for (var changes = random.Next(4); changes > 0 && changed.Count > 0; changes--)
        {
            var at = random.Next(changed.Count);
            var length = random.Next(1, Math.Min(20, changed.Count - at) + 1);
            switch (random.Next(5))
            {
                case 0:
                    changed.RemoveRange(at, changed.Count - at);
                    break;
                case 1:
                    changed.RemoveRange(at, length);
                    break;
                case 2:
                    changed.InsertRange(at, changed.GetRange(at, length));
                    break;
                case 3:
                    changed[at] = (byte)random.Next(256);
                    break;
                default:
                    changed.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
            }
        }

        return [.. changed];
    }
}
