using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Processes;

namespace Aspire.Hosting.Nginx.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class RunFolderTests
{
    private const int AppHosts = 8;
    private const int Abandoned = 50;

    [Fact]
    public async Task AppHosts_that_start_at_once_share_the_clearing_of_abandoned_folders()
    {
        string parent;
        using (var first = RunFolder.Create(Environment.IsPrivilegedProcess))
        {
            parent = Path.GetDirectoryName(first.Paths.Folder)!;
        }

        string[] abandoned = [.. Enumerable.Range(0, Abandoned).Select(_ => Directory.CreateDirectory(Path.Combine(parent, $"nginx-{Guid.NewGuid():N}")).FullName)];

        await Task.WhenAll(Enumerable.Range(0, AppHosts).Select(_ => Task.Factory.StartNew(static () =>
        {
            using var folder = RunFolder.Create(Environment.IsPrivilegedProcess);
            Assert.True(Directory.Exists(folder.Paths.TemporaryFolder));
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.DoesNotContain(abandoned, Directory.Exists);
    }
}
