using Aspire.Hosting.Orchestration.Projects;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Hosting.Orchestration;

public sealed class BuildFingerprintTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Follows_the_content_of_the_assemblies_and_nothing_else()
    {
        var fingerprint = new BuildFingerprint();
        _folder.WriteFile("One.dll", "one");
        var first = fingerprint.Of(_folder.Path);

        _folder.WriteFile("settings.json", "{}");
        File.SetLastWriteTimeUtc(_folder["One.dll"], DateTime.UnixEpoch);
        var touched = fingerprint.Of(_folder.Path);
        _folder.WriteFile("One.dll", "two");
        var changed = fingerprint.Of(_folder.Path);
        _folder.WriteFile("Two.dll", "two");
        var more = fingerprint.Of(_folder.Path);

        Assert.Equal(first, touched);
        Assert.Equal(3, new HashSet<string> { first, changed, more }.Count);
        Assert.Equal(more, new BuildFingerprint().Of(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();
}
