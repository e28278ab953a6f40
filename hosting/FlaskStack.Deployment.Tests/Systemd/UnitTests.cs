using System.Runtime.Versioning;
using Aspire.Hosting;

namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>What systemd thinks of the units.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class UnitTests
{
    private const UnixFileMode Runs = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [SystemdFact]
    public async Task Every_unit_is_clean()
    {
        using var files = await PublishAsync();

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
    [InlineData(Shop.NativeProject)]
    [InlineData("<Project />")]
    public async Task The_service_is_exposed_to_little(string project)
    {
        using var files = await PublishAsync(project);

        // The threshold is in tenths: 2.0.
        var (code, output) = await SystemdAnalyze.RunAsync(
            "security",
            "--offline=true",
            "--threshold=20",
            $"--root={files.Folder}",
            "shop-api@1.service");

        Assert.True(code == 0, output);
        Assert.Contains("Overall exposure level for shop-api@1.service: 1.", output, StringComparison.Ordinal);
    }

    /// <summary>A root folder with the units, what they execute, and the distribution's targets.</summary>
    private static async Task<PublishedFiles> PublishAsync(string project = Shop.NativeProject)
    {
        var files = await PublishedFiles.WriteAsync("publish-systemd", builder =>
        {
            builder.AddSystemdTarget("systemd", static server => server.ApplicationName = "shop");
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
