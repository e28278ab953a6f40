using System.Globalization;

namespace Aspire.Hosting.Gunicorn.Configuration;

/// <summary>Checks the options of a gunicorn application.</summary>
internal static class GunicornOptionsValidator
{
    private const int MostRequests = 1_000_000_000;
    private const int Hour = 3_600;
    private const int Day = 24 * Hour;

    /// <summary>One sentence for each error.</summary>
    /// <param name="options">The options.</param>
    /// <param name="folder">The folder of the application.</param>
    public static IEnumerable<string> Validate(GunicornOptions options, string folder) =>
        new[]
        {
            Number(nameof(options.Workers), options.Workers, 1, 1_000),
            Number(nameof(options.Threads), options.Threads, 1, 1_000),
            Number(nameof(options.WorkerConnections), options.WorkerConnections, 1, 100_000),
            Number(nameof(options.MaxRequests), options.MaxRequests, 0, MostRequests),
            Number(nameof(options.MaxRequestsJitter), options.MaxRequestsJitter, 0, MostRequests),
            Seconds(nameof(options.Timeout), options.Timeout, 1, Day),
            Seconds(nameof(options.GracefulTimeout), options.GracefulTimeout, 1, Hour),
            Seconds(nameof(options.KeepAlive), options.KeepAlive, 0, Hour),
            options.WorkerClass is { } name && string.IsNullOrWhiteSpace(name)
                ? "WorkerClass must be a name such as gevent, or null." : null,
            options.ConfigurationFile is { } file && !File.Exists(Path.GetFullPath(file, folder))
                ? $"ConfigurationFile is {Path.GetFullPath(file, folder)}, which does not exist." : null,
        }
        .OfType<string>();

    private static string? Number(string option, int? value, int least, int most) =>
        value is null || (value >= least && value <= most)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; it must be from {least} to {most}.");

    private static string? Seconds(string option, TimeSpan? value, int least, int most) =>
        value is not { TotalSeconds: var seconds } || (seconds >= least && seconds <= most && seconds % 1 == 0)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture, $"{option} is {seconds} s; it must be a whole number of seconds from {least} to {most}.");
}
