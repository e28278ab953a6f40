using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class ModelNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("api-2")]
    [InlineData("A1-b")]
    public void Accepts(string name) => ModelName.Validate("Resource", name);

    [Theory]
    [InlineData("")]
    [InlineData("1api")]
    [InlineData("-api")]
    [InlineData("api-")]
    [InlineData("a--b")]
    [InlineData("a_b")]
    [InlineData("über")]
    public void Refuses(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => ModelName.Validate("Resource", name));

        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sixty_four_characters_are_the_most()
    {
        ModelName.Validate("Resource", new string('a', 64));

        Assert.Throws<ArgumentException>(() => ModelName.Validate("Resource", new string('a', 65)));
    }

    [Fact]
    public void Endpoints_and_resources_keep_the_rule()
    {
        var builder = Model.Create();

        Assert.Throws<ArgumentException>(() => builder.AddExecutable("a_b", "true", "."));
        Assert.Throws<ArgumentException>(() => builder.AddExecutable("ok", "true", ".").WithHttpEndpoint(name: "a b"));
    }
}
