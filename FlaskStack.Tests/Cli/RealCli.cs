using System.Diagnostics;
using System.Reflection;
using Aspire.Hosting.Dashboard.Provisioning;
using Aspire.Hosting.Orchestration.Processes;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli;

/// <summary>
/// The real Aspire CLI, in a home folder of the test's own: it sees, and stops, no AppHost but the test's. It is taken from the PATH or
/// from the cache, into which npm fetches it once, as the product does with the dashboard.
/// </summary>
internal sealed class RealCli : IDisposable
{
    /// <summary>For a command that ends by itself; only a hang takes this long.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FetchTime = TimeSpan.FromMinutes(4);
    private static readonly Lazy<(string? Path, string? Problem)> Found = new(Find);

    private readonly TemporaryFolder _home = new();

    /// <summary>Why there is none on this machine; null when there is one.</summary>
    public static string? Problem => Found.Value.Problem;

    /// <summary>What an AppHost is started with to be seen by this CLI.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        ["HOME"] = _home.Path,
        ["XDG_CACHE_HOME"] = Path.GetDirectoryName(UserFolders.Cache()),
        ["NUGET_PACKAGES"] = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(OwnHome, ".nuget", "packages"),
        ["Cli__Enabled"] = "true",
        // What is built here, and not another configuration, is what the CLI starts.
        ["Configuration"] = typeof(RealCli).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "true",
        ["DOTNET_NOLOGO"] = "true",
        ["NO_COLOR"] = "1",
    };

    /// <summary>Where this CLI looks for AppHosts.</summary>
    public string SocketFolder => _home[".aspire/cli/bch"];

    private static string OwnHome => System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);

    /// <summary>Runs a command in the folder of the AppHost.</summary>
    public async Task<(string Output, string Error, int ExitCode)> RunAsync(params string[] arguments)
    {
        using var process = Start(Found.Value.Path!, Projects.FlaskStack_AppHost.ProjectPath, arguments, Environment);
        try
        {
            var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()).WaitAsync(Deadline);
            await process.WaitForExitAsync().WaitAsync(Deadline);
            return (texts[0], texts[1], process.ExitCode);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Runs a command that has to succeed, and gives what it wrote to standard output.</summary>
    public async Task<string> SucceedAsync(params string[] arguments)
    {
        var (output, error, exitCode) = await RunAsync(arguments);
        Assert.True(exitCode == 0, $"aspire {string.Join(' ', arguments)} ended with {exitCode}: {output}{error}");
        return output;
    }

    public void Dispose() => _home.Dispose();

    private static (string? Path, string? Problem) Find()
    {
        var package = DashboardPackage.Current;
        var kept = Path.Combine(UserFolders.Cache(), "cli", $"{package.Version}-{package.RuntimeIdentifier}");
        string?[] candidates = [ExecutableFinder.Search("aspire", System.Environment.GetEnvironmentVariable("PATH")), package.ExecutableIn(kept)];
        if (candidates.FirstOrDefault(File.Exists) is { } path)
        {
            return (path, null);
        }

        if (ExecutableFinder.Search("npm", System.Environment.GetEnvironmentVariable("PATH")) is not { } npm)
        {
            return (null, "No Aspire CLI on the PATH, and no npm to fetch it with.");
        }

        string[] arguments = ["install", "--prefix", kept, "--global=false", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", package.Specifier];
        Directory.CreateDirectory(kept);
        using var process = Start(npm, kept, arguments, new Dictionary<string, string?>());
        if (!process.WaitForExit(FetchTime))
        {
            process.Kill(entireProcessTree: true);
        }

        return File.Exists(package.ExecutableIn(kept)) ? (package.ExecutableIn(kept), null) : (null, $"npm could not fetch {package.Specifier}.");
    }

    private static Process Start(string program, string folder, string[] arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
