using System.Diagnostics;

namespace FlaskStack.Deployment.Tests.Kubernetes;

/// <summary>The kubectl of this machine, if it has one; only what needs no cluster is asked of it.</summary>
internal static class Kubectl
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>The full path of the program, or null.</summary>
    public static string? Path { get; } = ExecutablePath.Find("kubectl");

    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo(Path!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return (process.ExitCode, await output + await errors);
    }
}
