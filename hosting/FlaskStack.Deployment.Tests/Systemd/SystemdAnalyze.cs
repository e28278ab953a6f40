using System.Diagnostics;

namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>systemd's own judge of unit files, if this machine has it.</summary>
internal static class SystemdAnalyze
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>The full path of the program, or null.</summary>
    public static string? Path { get; } = new[] { "/usr/bin/systemd-analyze", "/bin/systemd-analyze" }.FirstOrDefault(File.Exists);

    /// <summary>Runs it on the units below a root folder.</summary>
    /// <returns>Its exit code and all it wrote.</returns>
    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path!, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Without a run level, and without colours or a pager.
            Environment = { ["RUNLEVEL"] = "1", ["SYSTEMD_COLORS"] = "0", ["SYSTEMD_PAGER"] = "" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return (process.ExitCode, await output + await errors);
    }
}
