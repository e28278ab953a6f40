using System.Runtime.Versioning;
using FlaskStack.Tests.Graph;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Systemd;

/// <summary>Publishes the stack itself, as a user does.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("publish-systemd", "etc/systemd/system/flaskstack-api@.service")]
    [InlineData("publish-kubernetes", "api-deployment.yaml")]
    public async Task Writes_the_same_bytes_twice(string step, string file)
    {
        await PublishAsync(step, "one");
        await PublishAsync(step, "two");

        Assert.Contains(file, Files("one").Keys);
        Assert.Equal(Files("one"), Files("two"));
    }

    [Theory]
    [InlineData("publish-systemd")]
    [InlineData("publish-kubernetes")]
    public async Task Leaves_a_folder_that_is_not_empty_as_it_is(string step)
    {
        _folder.WriteFile("mine", "precious");
        using var appHost = AppHostProcess.Start("--operation", "publish", "--step", step, "--output-path", _folder.Path);

        Assert.Equal(1, await appHost.WaitForExitAsync());
        Assert.Contains("which is not empty", appHost.Errors.First(), StringComparison.Ordinal);
        Assert.Equal("mine", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(_folder.Path))));
    }

    public void Dispose() => _folder.Dispose();

    private async Task PublishAsync(string step, string output)
    {
        using var appHost = AppHostProcess.Start("--operation", "publish", "--step", step, "--output-path", _folder[output], "--Api:Replicas=2");

        Assert.Equal((0, string.Empty), (await appHost.WaitForExitAsync(), string.Join('\n', appHost.Errors)));
    }

    private SortedDictionary<string, string> Files(string output) => new(
        Directory.GetFiles(_folder[output], "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(_folder[output], file),
            file => $"{File.GetUnixFileMode(file)} {Convert.ToBase64String(File.ReadAllBytes(file))}"),
        StringComparer.Ordinal);
}
