using System.Runtime.Versioning;
using Aspire.Hosting;

namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>What systemd thinks of the units.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class UnitTests
{
    private const UnixFileMode Runs = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [SystemdTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_unit_is_clean(bool hasSockets)
    {
        using var files = await PublishAsync(hasSockets: hasSockets);

        var (code, output) = await SystemdAnalyze.RunAsync(
            "verify",
            $"--root={files.Folder}",
            "shop.target",
            "shop-api@1.service",
            "shop-api@2.service",
            "shop-api@3.service",
            "nginx.service");

        Assert.Equal((0, string.Empty), (code, output));
    }

    [SystemdTheory]
    [InlineData(Shop.NativeProject, false, 12)]
    [InlineData(Shop.NativeProject, true, 12)]
    [InlineData("<Project />", false, 14)]
    public async Task The_service_is_exposed_to_little(string project, bool hasSockets, int most)
    {
        using var files = await PublishAsync(project, hasSockets);

        // Offline it counts more than of a unit that systemd has loaded. The threshold is in tenths.
        var (code, output) = await SystemdAnalyze.RunAsync(
            "security",
            "--offline=true",
            $"--threshold={most}",
            $"--root={files.Folder}",
            "shop-api@1.service");

        Assert.True(code == 0, output);
    }

    /// <summary>A root folder with the units, what they execute, and the distribution's targets.</summary>
    private static async Task<PublishedFiles> PublishAsync(string project = Shop.NativeProject, bool hasSockets = false)
    {
        var files = await PublishedFiles.WriteAsync("publish-systemd", builder =>
        {
            builder.AddSystemdTarget("systemd", server => (server.ApplicationName, server.SocketActivation) = ("shop", hasSockets));
            builder.AddShop(project);
        });
        WriteProgram(files, "opt/shop/api/current/Shop.api");
        WriteProgram(files, "usr/sbin/nginx");
        var units = Directory.CreateDirectory(Path.Combine(files.Folder, "usr/lib/systemd/system")).FullName;
        foreach (var target in Directory.GetFiles("/usr/lib/systemd/system", "*.target"))
        {
            File.Copy(target, Path.Combine(units, Path.GetFileName(target)));
        }

        File.WriteAllText(
            Path.Combine(units, "nginx.service"),
            "[Service]\nType=forking\nPIDFile=/run/nginx.pid\nExecStart=/usr/sbin/nginx\n");
        return files;
    }

    private static void WriteProgram(PublishedFiles files, string path)
    {
        var file = Path.Combine(files.Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "#!/bin/sh\n");
        File.SetUnixFileMode(file, Runs);
    }
}
