using System.Diagnostics;

namespace FlaskStack.Bench.Results;

/// <summary>What the figures were measured on.</summary>
internal sealed record MachineFacts(
    DateOnly Date,
    string Processor,
    int Processors,
    double MemoryGigabytes,
    string Kernel,
    string System,
    string Runtime,
    IReadOnlyList<string> Packages)
{
    private const double Kibibytes = 1024 * 1024;
    private const string Query = "/usr/bin/dpkg-query";
    private static readonly string[] Asked = ["nginx", "wrk", "gunicorn", "python3-gevent", "python3-flask", "supervisor", "python3"];

    /// <summary>Looks at this machine.</summary>
    public static async Task<MachineFacts> ReadAsync(TimeProvider time, CancellationToken cancellationToken) => new(
        DateOnly.FromDateTime(time.GetLocalNow().Date),
        After(await File.ReadAllLinesAsync("/proc/cpuinfo", cancellationToken), "model name", ':'),
        Environment.ProcessorCount,
        double.Parse(
            After(await File.ReadAllLinesAsync("/proc/meminfo", cancellationToken), "MemTotal", ':').Split(' ')[0],
            CultureInfo.InvariantCulture) / Kibibytes,
        (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellationToken)).Trim(),
        After(await File.ReadAllLinesAsync("/etc/os-release", cancellationToken), "PRETTY_NAME", '=').Trim('"'),
        Environment.Version.ToString(),
        await PackagesAsync(cancellationToken));

    private static string After(IEnumerable<string> lines, string name, char separator) =>
        lines.Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim())
            .FirstOrDefault("unknown");

    private static async Task<IReadOnlyList<string>> PackagesAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Query))
        {
            return [];
        }

        using var query = Process.Start(new ProcessStartInfo(Query, ["-W", "-f", "${Package} ${Version}\n", .. Asked])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = await query.StandardOutput.ReadToEndAsync(cancellationToken);
        await query.WaitForExitAsync(cancellationToken);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
