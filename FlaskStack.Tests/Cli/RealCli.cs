using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace FlaskStack.Tests.Cli;

/// <summary>
/// The Aspire CLI as this repository's users have it: the local tool, run in the repository's folder. It has a home folder of its own: it
/// sees, and stops, no AppHost but the test's.
/// </summary>
internal sealed class RealCli : IDisposable
{
    /// <summary>For a command that ends by itself; only a hang takes this long.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>The first restore on a machine downloads the tool.</summary>
    private static readonly TimeSpan RestoreDeadline = TimeSpan.FromMinutes(4);

    private static readonly string Repository = Path.GetFullPath(Path.Combine(Projects.FlaskStack_AppHost.ProjectPath, ".."));
    private static readonly Lazy<string?> RestoreProblem = new(Restore);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("flaskstack-cli-");

    /// <summary>Why there is none on this machine; null when there is one.</summary>
    public static string? Problem => RestoreProblem.Value;

    /// <summary>What an AppHost is started with to be seen by this CLI.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        ["HOME"] = _home.FullName,
        // The restored tool is in the user's own folders.
        ["DOTNET_CLI_HOME"] = System.Environment.GetEnvironmentVariable("DOTNET_CLI_HOME") ?? UserHome,
        ["NUGET_PACKAGES"] = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(UserHome, ".nuget", "packages"),
        // What is built here, and not another configuration, is what the CLI starts.
        ["Configuration"] = typeof(RealCli).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["NO_COLOR"] = "1",
    };

    private static string UserHome => System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);

    /// <summary>Runs a command: <c>dotnet aspire …</c>.</summary>
    public async Task<CliAnswer> RunAsync(params string[] arguments)
    {
        using var process = Start(["aspire", .. arguments], Environment);
        try
        {
            string[] texts = await Task
                .WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync())
                .WaitAsync(Deadline);
            await process.WaitForExitAsync().WaitAsync(Deadline);
            return new(texts[0], texts[1], process.ExitCode);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Runs a command that has to succeed, and gives what it wrote.</summary>
    public async Task<string> SucceedAsync(params string[] arguments)
    {
        var answer = await RunAsync(arguments);
        Assert.True(answer.ExitCode == 0, $"aspire {string.Join(' ', arguments)} ended with {answer.ExitCode}: {answer.Text}");
        return answer.Text;
    }

    /// <summary>The AppHosts that it sees.</summary>
    public async Task<IReadOnlyList<JsonElement>> GetAppHostsAsync()
    {
        var answer = await RunAsync("ps", "--format", "json");
        Assert.True(answer.ExitCode == 0, answer.Text);
        return [.. JsonElement.Parse(answer.Output).EnumerateArray()];
    }

    /// <summary>The resources of the AppHost, by the name that a user sees.</summary>
    public async Task<IReadOnlyDictionary<string, JsonElement>> DescribeAsync()
    {
        var answer = await RunAsync("describe", "--format", "json");
        Assert.Equal(0, answer.ExitCode);
        return JsonElement.Parse(answer.Output).GetProperty("resources").EnumerateArray()
            .ToDictionary(static resource => resource.GetProperty("displayName").GetString()!);
    }

    public void Dispose() => _home.Delete(recursive: true);

    private static string? Restore()
    {
        using var process = Start(["tool", "restore"], new Dictionary<string, string?>());
        var texts = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(RestoreDeadline))
        {
            process.Kill(entireProcessTree: true);
            return "dotnet tool restore did not end.";
        }

        return process.ExitCode == 0 ? null : $"dotnet tool restore failed: {string.Concat(texts.Result).Trim()}";
    }

    private static Process Start(string[] arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = Repository,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}

/// <summary>How a command of the CLI ended.</summary>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
/// <param name="ExitCode">Its exit code.</param>
internal sealed record CliAnswer(string Output, string Error, int ExitCode)
{
    public string Text => Output + Error;
}
