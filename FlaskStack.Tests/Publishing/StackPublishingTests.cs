using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace FlaskStack.Tests.Publishing;

/// <summary>Publishes the stack itself, as a user does.</summary>
public sealed class StackPublishingTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private static readonly string[] Replicas = ["--Api:Replicas=3", "--Api:MaxReplicas=6"];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Writes_the_manifest_as_azd_asks_for_it()
    {
        await PublishAsync("--publisher", "manifest", "--output-path", _folder["apphost-manifest.json"]);

        Assert.Equal(["api.module.bicep", "apphost-manifest.json"], TemporaryFolder.FilesIn(_folder.Path).Keys);
        GoldenFile.AssertEqual([
            ("stack.json", WithoutPlace(File.ReadAllText(_folder["apphost-manifest.json"]))),
            ("api.module.bicep", File.ReadAllText(_folder["api.module.bicep"]))]);
    }

    [Fact]
    public async Task The_manifest_keeps_azds_rules_and_only_nginx_is_reached_from_outside()
    {
        await PublishAsync("--operation", "publish", "--step", "publish-manifest", "--output-path", _folder["m.json"]);

        using var manifest = JsonDocument.Parse(File.ReadAllText(_folder["m.json"]));
        Assert.Empty(AzdRules.Check(manifest, _folder.Path));
        var external = manifest.RootElement.GetProperty("resources").EnumerateObject()
            .Where(resource => resource.Value.GetProperty("bindings").EnumerateObject()
                .Any(binding => binding.Value.TryGetProperty("external", out var flag) && flag.GetBoolean()));
        Assert.Equal("nginx", Assert.Single(external).Name);
    }

    [Fact]
    public async Task Writes_a_compose_file_with_all_it_needs()
    {
        await PublishAsync("--operation", "publish", "--step", "publish-compose", "--output-path", _folder["out"]);

        Assert.Equal(
            [
                ".env",
                "docker-compose.yaml",
                "nginx/Dockerfile",
                "nginx/nginx/pages/1.html",
                "nginx/nginx/templates/nginx.conf.template",
                "upgrade.sh",
            ],
            TemporaryFolder.FilesIn(_folder["out"]).Keys);
        Assert.Empty(ComposeRules.Check(File.ReadAllText(_folder["out/docker-compose.yaml"]), _folder["out"]));
        GoldenFile.AssertEqual([
            ("docker-compose.yaml", File.ReadAllText(_folder["out/docker-compose.yaml"])),
            ("compose.env", File.ReadAllText(_folder["out/.env"])),
            ("nginx.conf.template", File.ReadAllText(_folder["out/nginx/nginx/templates/nginx.conf.template"]))]);
    }

    [Fact]
    public async Task Scales_the_replicas_and_not_what_refers_to_them()
    {
        await PublishAsync("--operation", "publish", "--step", "publish-kubernetes", "--output-path", _folder["out"]);

        var scaled = TemporaryFolder.FilesIn(_folder["out"])
            .Keys.Where(file => file.EndsWith("-autoscaler.yaml", StringComparison.Ordinal));
        Assert.Equal("api-autoscaler.yaml", Assert.Single(scaled));
        var autoscaler = File.ReadAllText(_folder["out/api-autoscaler.yaml"]);
        Assert.Contains("\n  minReplicas: 3\n", autoscaler, StringComparison.Ordinal);
        Assert.Contains("\n  maxReplicas: 6\n", autoscaler, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("publish", "docker-compose.yaml")]
    [InlineData("publish-systemd", "etc/systemd/system/flaskstack-api@.service")]
    [InlineData("publish-kubernetes", "api-deployment.yaml")]
    public async Task Writes_the_same_bytes_twice(string step, string file)
    {
        await PublishAsync("--operation", "publish", "--step", step, "--output-path", _folder["one"]);
        await PublishAsync("--operation", "publish", "--step", step, "--output-path", _folder["two"]);

        Assert.Contains(file, TemporaryFolder.FilesIn(_folder["one"]).Keys);
        Assert.Equal(TemporaryFolder.FilesIn(_folder["one"]).Select(Text), TemporaryFolder.FilesIn(_folder["two"]).Select(Text));

        static string Text(KeyValuePair<string, byte[]> file) => $"{file.Key}: {Encoding.UTF8.GetString(file.Value)}";
    }

    [Fact]
    public async Task Fails_when_a_step_does()
    {
        _folder.WriteFile("mine", "precious");

        var (code, output) = await RunAsync("--operation", "publish", "--step", "publish-compose", "--output-path", _folder.Path);

        Assert.Equal(1, code);
        Assert.Contains(
            $"--output-path is '{_folder.Path}', which is not empty. Empty it, or give another folder.",
            output,
            StringComparison.Ordinal);
        Assert.Equal(["mine"], TemporaryFolder.FilesIn(_folder.Path).Keys);
    }

    [Fact]
    public async Task Names_the_targets_there_are()
    {
        var (code, output) = await RunAsync(
            "--operation",
            "publish",
            "--step",
            "publish",
            "--Deploy:Target=moon",
            "--output-path",
            _folder["out"]);

        Assert.NotEqual(0, code);
        Assert.Contains("Deploy:Target is 'moon', but it must be one of compose, kubernetes, systemd.", output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task PublishAsync(params string[] args)
    {
        var (code, output) = await RunAsync([.. args, .. Replicas]);

        Assert.True(code == 0, output);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] args)
    {
        var configuration = typeof(StackPublishingTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var executable = Path.Combine(Projects.FlaskStack_AppHost.ProjectPath, "bin", configuration, "net10.0", "FlaskStack.AppHost");
        using var process = Process.Start(new ProcessStartInfo(executable, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Projects.FlaskStack_AppHost.ProjectPath,
        })!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync())
            .WaitAsync(Deadline);
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return (process.ExitCode, string.Concat(output));
    }

    /// <summary>Paths are relative, and where the repository is differs.</summary>
    private string WithoutPlace(string manifest)
    {
        var repository = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Projects.FlaskStack_AppHost.ProjectPath))!;
        return manifest.Replace($"\"{Path.GetRelativePath(_folder.Path, repository)}/", "\"<repository>/", StringComparison.Ordinal);
    }
}
