using Aspire.Hosting.Kubernetes.Yaml;
using YamlDotNet.RepresentationModel;

namespace FlaskStack.Tests.Kubernetes;

public class YamlWriterTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("- a")]
    [InlineData("*alias")]
    [InlineData("&anchor")]
    [InlineData("!tag")]
    [InlineData("%directive")]
    [InlineData("@at")]
    [InlineData("`tick`")]
    [InlineData("{a}")]
    [InlineData("[a, b]")]
    [InlineData("'single'")]
    [InlineData("\"double\" \\ back")]
    [InlineData("trailing ")]
    [InlineData("colon:")]
    [InlineData("tab\there")]
    [InlineData("bell\u0007")]
    [InlineData("next\u0085line\u2028separator")]
    [InlineData("größe 😀")]
    [InlineData("two\nlines")]
    [InlineData("two\nlines\n")]
    [InlineData("two\nlines\n\n\n")]
    [InlineData("\nleading line")]
    [InlineData(" leading space\nand more\n")]
    [InlineData("blank\n\n  indented\n   \nlines\n")]
    [InlineData("a\r\nb")]
    [InlineData("---\n...\n")]
    [InlineData("# no comment\nkey: value\n")]
    public void Text_comes_back_as_it_was(string text)
    {
        var written = YamlWriter.Write("a test", new YamlMap { { "key", text }, { "list", new YamlList { text, new YamlMap { { "in", text } } } }, { "end", "end" } });

        var root = Parse(written);
        var list = (YamlSequenceNode)root["list"];
        Assert.Equal([text, text, text, "end"], [Text(root["key"]), Text(list[0]), Text(list[1]["in"]), Text(root["end"])]);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1.5")]
    [InlineData("0x1f")]
    [InlineData("1e3")]
    [InlineData("12:30:45")]
    [InlineData("2026-01-01")]
    [InlineData("true")]
    [InlineData("No")]
    [InlineData("on")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData(".inf")]
    [InlineData("=")]
    public void Text_that_looks_like_something_else_is_quoted(string text) =>
        Assert.Equal($"# a test\nkey: \"{text}\"\n", YamlWriter.Write("a test", new YamlMap { { "key", text } }));

    [Fact]
    public void Writes_numbers_flags_and_what_is_empty()
    {
        var written = YamlWriter.Write("a test", new YamlMap
        {
            { "number", 5 },
            { "flag", true },
            { "nothing", null },
            { "map", new YamlMap() },
            { "list", new YamlList() },
            { "nested", new YamlList { new YamlMap { { "a", new YamlList { 1, 2 } }, { "b", new YamlMap { { "c", false } } } } } },
        });

        Assert.Equal("# a test\nnumber: 5\nflag: true\nmap: {}\nlist: []\nnested:\n  - a:\n      - 1\n      - 2\n    b:\n      c: false\n", written);
    }

    private static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    private static string Text(YamlDotNet.RepresentationModel.YamlNode node) => ((YamlDotNet.RepresentationModel.YamlScalarNode)node).Value!;
}
