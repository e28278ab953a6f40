using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class ParameterTests
{
    private readonly IDistributedApplicationBuilder _builder = Model.Create();

    [Fact]
    public async Task Configuration_gives_the_value()
    {
        _builder.Configuration["Parameters:user"] = "ann";

        Assert.Equal("ann", await ValueOf(_builder.AddParameter("user")));
        Assert.Equal("{user.value}", _builder.CreateResourceBuilder<ParameterResource>("user").Resource.ValueExpression);
    }

    [Fact]
    public async Task A_hyphen_may_be_an_underscore_in_configuration()
    {
        _builder.Configuration["Parameters:db_user"] = "ann";

        Assert.Equal("ann", await ValueOf(_builder.AddParameter("db-user")));
    }

    [Fact]
    public async Task A_missing_value_says_where_to_set_it()
    {
        var error = await Assert.ThrowsAsync<MissingParameterValueException>(() => ValueOf(_builder.AddParameter("db-user")));

        Assert.Contains("'Parameters:db-user'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Parameters__db_user'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_was_missing_can_be_set_later()
    {
        var user = _builder.AddParameter("user");
        await Assert.ThrowsAsync<MissingParameterValueException>(() => ValueOf(user));

        _builder.Configuration["Parameters:user"] = "ann";

        Assert.Equal("ann", await ValueOf(user));
    }

    [Fact]
    public async Task Configuration_beats_a_default_and_a_generated_one_stays()
    {
        _builder.Configuration["Parameters:set"] = "mine";
        var generated = _builder.AddParameter("generated", new GenerateParameterDefault());

        Assert.Equal("mine", await ValueOf(_builder.AddParameter("set", new GenerateParameterDefault())));
        Assert.Equal(await ValueOf(generated), await ValueOf(generated));
    }

    [Fact]
    public async Task A_key_of_its_own_is_read()
    {
        _builder.Configuration["My:Key"] = "v";

        Assert.Equal("v", await ValueOf(_builder.AddParameterFromConfiguration("p", "My:Key")));
    }

    [Fact]
    public void A_secret_is_not_published() =>
        Assert.Throws<ArgumentException>(() => _builder.AddParameter("p", "v", publishValueAsDefault: true, secret: true));

    [Fact]
    public void A_generated_value_satisfies_its_options()
    {
        var value = new GenerateParameterDefault { MinLength = 30, Special = false, MinUpper = 10, MinNumeric = 10 }.GetDefaultValue();

        Assert.Equal(30, value.Length);
        Assert.True(value.Count(char.IsAsciiLetterUpper) >= 10);
        Assert.True(value.Count(char.IsAsciiDigit) >= 10);
        Assert.All(value, character => Assert.True(char.IsAsciiLetterOrDigit(character)));
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        Assert.Throws<InvalidOperationException>(() => new GenerateParameterDefault { MinLength = 3, MinLower = 4 }.GetDefaultValue());
        Assert.Throws<InvalidOperationException>(() => new GenerateParameterDefault { Upper = false, MinUpper = 1 }.GetDefaultValue());
    }

    [Fact]
    public void Kept_values_survive_and_only_their_owner_can_read_them()
    {
        var folder = Directory.CreateTempSubdirectory("secrets-");
        try
        {
            var path = Path.Combine(folder.FullName, "id", "secrets.json");
            var first = new UserSecretsFile(path).GetOrAdd("Parameters:p", () => "one");

            Assert.Equal(first, new UserSecretsFile(path).GetOrAdd("Parameters:p", () => "two"));
            Assert.Equal("other", new UserSecretsFile(path).GetOrAdd("Parameters:q", () => "other"));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string?> ValueOf(IResourceBuilder<ParameterResource> parameter) => await parameter.Resource.GetValueAsync(default(CancellationToken));
}
