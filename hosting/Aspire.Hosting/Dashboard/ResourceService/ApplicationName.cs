using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>The name people see: the application's own, without the AppHost at its end, as Aspire shows it.</summary>
internal static class ApplicationName
{
    public const string Setting = "AppHost:DashboardApplicationName";
    private const string Suffix = "AppHost";

    public static string Of(IConfiguration configuration, IHostEnvironment environment)
        => Shorten(configuration[Setting] is { Length: > 0 } configured ? configured : environment.ApplicationName);

    internal static string Shorten(string name)
    {
        if (!name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase))
        {
            return name;
        }

        var kept = name[..^Suffix.Length];
        kept = kept.EndsWith('.') ? kept[..^1] : kept;
        return kept.Length == 0 ? name : kept;
    }
}
