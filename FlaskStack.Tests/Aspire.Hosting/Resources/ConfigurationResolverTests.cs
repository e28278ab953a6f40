using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class ConfigurationResolverTests
{
    private readonly IDistributedApplicationBuilder _builder = Model.Create();

    [Fact]
    public async Task Secrets_are_flagged_wherever_they_go_in()
    {
        var password = _builder.AddParameter("password", "p", secret: true);
        var app = App()
            .WithEnvironment("PLAIN", "x")
            .WithEnvironment("URL", $"http://u:{password}@h")
            .WithArgs("--verbose", password.Resource);

        var resolved = await Model.Resolve(_builder, app.Resource);

        Assert.Equal([("--verbose", false), ("p", true)], resolved.Arguments);
        Assert.Equal(["URL"], resolved.SensitiveVariables);
        Assert.Contains(KeyValuePair.Create("URL", "http://u:p@h"), resolved.Environment);
    }

    [Fact]
    public async Task The_last_value_wins_and_null_is_left_out()
    {
        var app = App()
            .WithEnvironment("A", "1")
            .WithEnvironment("A", "2")
            .WithEnvironment("EMPTY", (string?)null)
            .WithEnvironment("NONE", ReferenceExpression.Empty);

        var environment = await Model.EnvironmentOf(_builder, app.Resource);

        Assert.Equal("2", environment["A"]);
        Assert.Equal(string.Empty, environment["EMPTY"]);
        Assert.DoesNotContain("NONE", environment.Keys);
    }

    [Fact]
    public async Task A_value_that_cannot_be_had_names_resource_and_variable()
    {
        var app = App().WithEnvironment("PASSWORD", _builder.AddParameter("password", secret: true));

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => Model.Resolve(_builder, app.Resource));

        Assert.Contains("'app'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'PASSWORD'", error.Message, StringComparison.Ordinal);
        Assert.IsType<MissingParameterValueException>(error.InnerException);
    }

    [Fact]
    public async Task A_callback_can_take_arguments_away()
    {
        var app = App().WithArgs("a", "b").WithArgs(context => context.Args.RemoveAt(0)).WithArgs(7);

        Assert.Equal([("b", false), ("7", false)], (await Model.Resolve(_builder, app.Resource)).Arguments);
    }

    private IResourceBuilder<ExecutableResource> App() => _builder.AddExecutable("app", "true", ".");
}
