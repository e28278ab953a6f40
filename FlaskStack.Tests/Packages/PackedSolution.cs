using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using FlaskStack.Tests.Graph;

namespace FlaskStack.Tests.Packages;

/// <summary>
/// A solution outside the repository, made by the packed template. Templates and restored packages of ours are in its folder alone and have
/// a version of their own, so that nothing older is taken for them and nothing stays behind.
/// </summary>
internal sealed class PackedSolution : IDisposable
{
    /// <summary>For one command, which ends by itself; only a hang takes this long.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    private static readonly string Repository = Path.GetFullPath(Path.Combine(Projects.FlaskStack_AppHost.ProjectPath, ".."));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flaskstack-packages-");
    private readonly string _name;

    private PackedSolution(string name) => _name = name;

    private static string UserPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private string Feed => Path.Combine(_folder.FullName, "feed");

    private string Solution => Path.Combine(_folder.FullName, _name);

    /// <summary>Packs the repository as it is built, and makes and builds a solution of the result.</summary>
    /// <param name="name">The solution's name.</param>
    public static async Task<PackedSolution> BuildAsync(string name)
    {
        var solution = new PackedSolution(name);
        try
        {
            await solution.PackAsync();
            await solution.CreateAsync();
            await solution.RunAsync(solution.Solution, "build", "-nodeReuse:false", "-p:UseSharedCompilation=false");
            return solution;
        }
        catch
        {
            solution.Dispose();
            throw;
        }
    }

    /// <summary>Starts its AppHost as its README says, but on an unused port.</summary>
    public AppHostProcess Start() =>
        AppHostProcess.Start(Command(Solution, "run", "--no-build", "--project", $"{_name}.AppHost", "--", "--Nginx:Port=0"));

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task PackAsync()
    {
        var configuration = typeof(PackedSolution).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var version = $"0.1.0-test.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        await RunAsync(
            Repository,
            "pack", "--no-build", "-c", configuration, "-o", Feed, $"-p:PackageVersion={version}", "-nodeReuse:false", "-warnaserror");
    }

    private async Task CreateAsync()
    {
        // Beside the sources that the user has.
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "nuget.config"),
            """<configuration><packageSources><add key="packed" value="feed" /></packageSources></configuration>""");
        string[] hive = ["--debug:custom-hive", Path.Combine(_folder.FullName, "templates")];
        await RunAsync(_folder.FullName, ["new", "install", .. Directory.GetFiles(Feed, "FlaskStack.Templates.*.nupkg"), .. hive]);
        await RunAsync(_folder.FullName, ["new", "flaskstack", "-n", _name, .. hive]);
    }

    private async Task RunAsync(string folder, params string[] arguments)
    {
        using var process = Process.Start(Command(folder, arguments))!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var text = string.Concat(await output);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}: {text}");
    }

    private ProcessStartInfo Command(string folder, params string[] arguments) => new("dotnet", arguments)
    {
        WorkingDirectory = folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            // What is there already is read from the user's folder; what is new goes to this one.
            ["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "packages"),
            ["NUGET_FALLBACK_PACKAGES"] = UserPackages,
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
        },
    };
}
