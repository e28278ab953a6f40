using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class ReferenceExpressionTests
{
    [Fact]
    public async Task Text_and_values_make_one_string_and_one_expression()
    {
        var user = Parameter("user", "ann");
        var expression = ReferenceExpression.Create($"Host=db;User={user};Pooling={"true"}");

        Assert.Equal("Host=db;User={user.value};Pooling=true", expression.ValueExpression);
        Assert.Equal("Host=db;User=ann;Pooling=true", await expression.GetValueAsync(default));
        Assert.Equal(["{user.value}"], expression.ManifestExpressions);
        Assert.Same(user, Assert.Single(expression.ValueProviders));
    }

    [Fact]
    public async Task Braces_are_kept()
    {
        var json = /*lang=json,strict*/ "{\"a\":{\"b\":1}}";
        var expression = ReferenceExpression.Create($"{json} {{x}} {Parameter("p", "{y}")}");

        Assert.Equal("{\"a\":{\"b\":1}} {x} {y}", await expression.GetValueAsync(default));
    }

    [Fact]
    public async Task The_uri_format_escapes_a_value()
    {
        var expression = ReferenceExpression.Create($"amqp://{Parameter("password", "a/b@c"):uri}@host");

        Assert.Equal("amqp://a%2Fb%40c@host", await expression.GetValueAsync(default));
        Assert.Equal(["uri"], expression.StringFormats);
    }

    [Fact]
    public void An_unknown_format_is_refused_where_it_is_written() =>
        Assert.Throws<FormatException>(() => ReferenceExpression.Create($"{Parameter("p", "v"):upper}"));

    [Fact]
    public async Task A_builder_puts_pieces_together()
    {
        var builder = new ReferenceExpressionBuilder();
        Assert.True(builder.IsEmpty);

        builder.AppendLiteral("a=");
        builder.AppendFormatted(Parameter("p", "1"));
        builder.Append($";b={Parameter("q", "2")}");
        builder.AppendValueProvider(Parameter("r", "/"), "uri");

        Assert.Equal("a=1;b=2%2F", await builder.Build().GetValueAsync(default));
        Assert.Throws<ArgumentException>(() => builder.AppendValueProvider(new object()));
    }

    [Fact]
    public async Task The_empty_expression_has_no_value() => Assert.Null(await ReferenceExpression.Empty.GetValueAsync(default));

    private static ParameterResource Parameter(string name, string value) => new(name, _ => value);
}
