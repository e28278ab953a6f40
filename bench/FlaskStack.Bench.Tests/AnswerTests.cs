using System.Text;
using FlaskStack.Bench.Loads;

namespace FlaskStack.Bench.Tests;

public sealed class AnswerTests
{
    private const string Sized = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    private const string Chunked = "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";

    [Theory]
    [InlineData(Sized, 200)]
    [InlineData(Chunked, 502)]
    public void Reads_a_whole_answer_and_no_byte_of_the_next(string text, int status)
    {
        var answer = HttpAnswer.Parse(Encoding.ASCII.GetBytes(text + "HTTP/1.1"));

        Assert.NotNull(answer);
        Assert.Equal((status, "hello", text.Length), (answer.Status, Encoding.ASCII.GetString(answer.Body), answer.WireLength));
    }

    [Theory]
    [InlineData(Sized)]
    [InlineData(Chunked)]
    public void Waits_for_the_last_byte(string text)
    {
        for (var length = 0; length < text.Length; length++)
        {
            Assert.Null(HttpAnswer.Parse(Encoding.ASCII.GetBytes(text[..length])));
        }
    }

    [Fact]
    public void Accepts_a_load_whose_every_answer_was_right()
    {
        Assert.Null(Report("""{"requests":1000,"bytes":200100,"microseconds":2000000}""").Problem(200, 64));
    }

    [Theory]
    [InlineData("""{"requests":0,"bytes":0,"microseconds":2000000}""")]
    [InlineData("""{"requests":1000,"bytes":200000,"microseconds":2000000,"status":1}""")]
    [InlineData("""{"requests":1000,"bytes":200000,"microseconds":2000000,"read":1}""")]
    [InlineData("""{"requests":1000,"bytes":200000,"microseconds":2000000,"timeout":1}""")]
    [InlineData("""{"requests":1000,"bytes":180000,"microseconds":2000000}""")]
    [InlineData("""{"requests":1000,"bytes":220000,"microseconds":2000000}""")]
    public void Refuses_a_load_that_had_errors_or_other_answers(string report)
    {
        Assert.NotNull(Report(report).Problem(200, 64));
    }

    private static WrkReport Report(string json) => WrkReport.Parse($"Running 2s test\n{json}\n");
}
