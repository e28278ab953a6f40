using System.Text;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

public sealed class LineSplitterTests
{
    [Theory]
    [InlineData("one\ntwo\n", new[] { "one", "two" })]
    [InlineData("one\r\ntwo\r\n", new[] { "one", "two" })]
    [InlineData("one\rtwo\n", new[] { "one", "two" })]
    [InlineData("a\n\nb\r\n\r\nc", new[] { "a", "", "b", "", "c" })]
    [InlineData("\r10 %\r20 %\r\r30 %\n", new[] { "10 %", "20 %", "30 %" })]
    [InlineData("no end", new[] { "no end" })]
    [InlineData("ends with\r", new[] { "ends with" })]
    [InlineData("\u001b[31mred\u001b[0m\n", new[] { "\u001b[31mred\u001b[0m" })]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    public void Splits_at_every_kind_of_line_end_wherever_the_chunks_are_cut(string text, string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);

        for (var size = 1; size <= bytes.Length + 1; size++)
        {
            Assert.Equal(expected, Split(bytes.Chunk(size)));
        }
    }

    [Fact]
    public void Replaces_bytes_that_are_not_text()
    {
        Assert.Equal(["a\uFFFDb", "\uFFFD"], Split([[0x61, 0xFF, 0x62, 0x0A, 0xC3]]));
    }

    [Fact]
    public void Joins_a_character_cut_between_chunks()
    {
        Assert.Equal(["é€😀"], Split(Encoding.UTF8.GetBytes("é€😀\n").Chunk(1)));
    }

    [Theory]
    [InlineData("x", 0)]
    [InlineData("é", 1)]
    [InlineData("€", 1)]
    [InlineData("😀", 1)]
    [InlineData("😀", 3)]
    public void Cuts_a_long_line_into_pieces_without_tearing_a_character(string character, int shift)
    {
        var text = new string('.', shift) + string.Concat(Enumerable.Repeat(character, 40_000));

        var pieces = Split(Encoding.UTF8.GetBytes(text + "\nnext").Chunk(10_007));

        Assert.Equal("next", pieces[^1]);
        Assert.Equal(text, string.Concat(pieces[..^1]));
        Assert.All(pieces, piece => Assert.InRange(Encoding.UTF8.GetByteCount(piece), 1, LineSplitter.MaximumBytes));
    }

    [Fact]
    public void Keeps_a_line_of_the_greatest_length_whole()
    {
        var line = new string('x', LineSplitter.MaximumBytes);

        Assert.Equal([line, "y"], Split([Encoding.UTF8.GetBytes(line + "\ny\n")]));
    }

    private static string[] Split(IEnumerable<byte[]> chunks)
    {
        var lines = new List<string>();
        using var splitter = new LineSplitter(lines.Add);
        foreach (var chunk in chunks)
        {
            splitter.Push(chunk);
        }

        splitter.Complete();
        return [.. lines];
    }
}
