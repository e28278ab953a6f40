namespace FlaskStack.Tests.Graph;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("Api:Replicas", "0")]
    [InlineData("Api:Replicas", "-1")]
    [InlineData("Api:Replicas", "abc")]
    [InlineData("Api:Replicas", "1000")]
    [InlineData("Nginx:Port", "99999")]
    [InlineData("Nginx:Port", "http")]
    [InlineData("Cors:AllowedOrigins", "shop.example")]
    public async Task A_setting_that_cannot_be_used_is_named_on_one_line_and_nothing_starts(string key, string value)
    {
        using var appHost = AppHostProcess.Start($"--{key}={value}");

        var exitCode = await appHost.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        var line = Assert.Single(appHost.Errors, error => error.Length > 0);
        Assert.Contains(key, line, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", line, StringComparison.Ordinal);
    }
}
