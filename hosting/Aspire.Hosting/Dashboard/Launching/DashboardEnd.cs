using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Dashboard.Launching;

/// <summary>Why a run of the dashboard ended.</summary>
/// <param name="Reason">One line that names the cause and, where there is one, the mend.</param>
/// <param name="IsFinal">Whether another start would end in the same way.</param>
internal sealed record DashboardEnd(string Reason, bool IsFinal = false)
{
    private const int ConfigurationRefused = 101;
    private const int AddressInUse = 102;

    /// <summary>Reads the exit code, whose meaning is the dashboard's own.</summary>
    public static DashboardEnd Of(ProcessExit exit, string? complaint, DashboardSettings settings) => exit switch
    {
        // .NET aborts itself, after it said why: without the ICU libraries, for one.
        { Signal: ProcessSignal.Abort } when complaint is not null => new($"The dashboard gave up: {Sentence(complaint)}"),
        { Signal: { } signal } => new($"The dashboard was ended by signal {signal.ToName()}."),
        { Code: 0 } => new("The dashboard ended by itself."),
        { Code: ConfigurationRefused } => new($"The dashboard refuses its configuration: {Sentence(complaint)}", IsFinal: true),
        { Code: AddressInUse } => new(DescribeConflict(settings)),
        _ => new($"The dashboard ended with code {exit.Code}: {Sentence(complaint)}"),
    };

    /// <summary>The end of one that came up and did not serve.</summary>
    public static DashboardEnd OfStuckStart(string? complaint, DashboardSettings settings) =>
        new($"The dashboard did not serve {settings.PublicUrl} within {settings.StartLimit.TotalSeconds} s: {Sentence(complaint)}");

    private static string DescribeConflict(DashboardSettings settings)
    {
        foreach (var address in settings.Listeners)
        {
            if (PortAllocator.WhoListens(address.Port) is { } owner)
            {
                return $"The dashboard cannot listen on {address.Url}: {owner} listens there. End it, or set {address.Key} to another address.";
            }
        }

        return $"The dashboard cannot listen on one of {string.Join(", ", settings.Listeners.Select(address => address.Url))}: "
            + $"another program listens there. End it, or set {string.Join(", ", settings.Listeners.Select(address => address.Key).Distinct())} to other addresses.";
    }

    private static string Sentence(string? complaint) => complaint is null ? "it did not say why." : complaint.TrimEnd('.') + ".";
}
