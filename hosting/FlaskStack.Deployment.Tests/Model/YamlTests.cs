using FlaskStack.Deployment.Model;
using YamlDotNet.RepresentationModel;

namespace FlaskStack.Deployment.Tests.Model;

public class YamlTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("- a")]
    [InlineData("*alias")]
    [InlineData("{a}")]
    [InlineData("\"double\" \\ back")]
    [InlineData("bell\u0007")]
    [InlineData("größe 😀")]
    [InlineData("two\nlines")]
    [InlineData("two\nlines\n")]
    [InlineData("two\nlines\n\n\n")]
    [InlineData("\nleading line")]
    [InlineData(" leading space\nand more\n")]
    [InlineData("blank\n\n  indented\n   \nlines\n")]
    [InlineData("a\r\nb")]
    [InlineData("# no comment\nkey: value\n")]
    public void Text_comes_back_as_it_was(string text)
    {
        var written = Yaml.Write(new YamlMap
        {
            { "key", text },
            { "list", new object[] { text, new YamlMap { { "in", text } } } },
            { "end", "end" },
        });

        var root = Parse(written);
        var list = (YamlSequenceNode)root["list"];
        Assert.Equal([text, text, text, "end"], [Text(root["key"]), Text(list[0]), Text(list[1]["in"]), Text(root["end"])]);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1.5")]
    [InlineData("0x1f")]
    [InlineData("1e3")]
    [InlineData("2026-01-01")]
    [InlineData("true")]
    [InlineData("No")]
    [InlineData("on")]
    [InlineData("null")]
    [InlineData("~")]
    public void Text_that_looks_like_something_else_is_quoted(string text) =>
        Assert.Equal($"key: \"{text}\"\n", Yaml.Write(new YamlMap { { "key", text } }));

    [Fact]
    public void Writes_numbers_and_flags_and_leaves_out_what_is_not_there() => Assert.Equal(
        "number: 1\nflag: true\n",
        Yaml.Write(new YamlMap
        {
            { "number", 1 }, { "flag", true }, { "none", null }, { "list", Array.Empty<string>() }, { "map", new YamlMap() },
        }));

    private static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
}
