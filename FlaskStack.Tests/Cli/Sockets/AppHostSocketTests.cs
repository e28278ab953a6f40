using Aspire.Hosting.Cli.Sockets;

namespace FlaskStack.Tests.Cli.Sockets;

public sealed class AppHostSocketTests
{
    private const string Id = "96jErQS-uKs";

    [Fact]
    public void Names_an_AppHost_as_the_CLI_does() =>
        Assert.Equal(Id, AppHostSocket.IdOf("/home/me/flaskstack/FlaskStack.AppHost/FlaskStack.AppHost.csproj"));

    [Fact]
    public void Gives_every_run_a_name_of_its_own_that_ends_in_its_process()
    {
        string[] names = [AppHostSocket.NewName(Id, 42), AppHostSocket.NewName(Id, 42)];

        Assert.Equal(2, names.Distinct().Count());
        Assert.All(names, static name => Assert.Matches("^96jErQS-uKs[A-Za-z0-9_-]{8}\\.42$", name));
        Assert.All(names, static name => Assert.Equal(42, AppHostSocket.ProcessIdIn(name, Id)));
    }

    [Theory]
    [InlineData("96jErQS-uKs")]
    [InlineData("96jErQS-uKsabcdefgh")]
    [InlineData("96jErQS-uKsabcdefgh.")]
    [InlineData("96jErQS-uKsabcdefgh.12x")]
    [InlineData("96jErQS-uKsabcdefgh.-1")]
    [InlineData("96jErQS-uKsabc.12")]
    [InlineData("96jErQS-xxxabcdefgh.12")]
    public void Takes_no_other_file_for_a_socket_of_the_AppHost(string name) => Assert.Null(AppHostSocket.ProcessIdIn(name, Id));
}
