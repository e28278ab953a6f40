using Aspire.Hosting.Supervisor.Runtime;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class ConsoleTextTests
{
    [Theory]
    [InlineData("2030-01-01T00:00:00.0000000Z plain text", "plain text")]
    [InlineData("2030-01-01T00:00:00.0000000Z \u001b[40m\u001b[32minfo\u001b[39m\u001b[22m\u001b[49m: it\tworks\r", "info: itworks")]
    [InlineData("said at 2030-01-01T00:00:00Z and later", "said at 2030-01-01T00:00:00Z and later")]
    [InlineData("", "")]
    public void Leaves_the_text(string line, string text) => Assert.Equal(text, ConsoleText.Of(line));

    [Fact]
    public void Cuts_what_is_long() => Assert.Equal(201, ConsoleText.Of(new string('x', 10_000)).Length);
}
