using System.Globalization;
using System.Text;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Content of a <see cref="LeftoverRegistry"/> file, one item a line.</summary>
/// <param name="RunId">The run's <see cref="RunIdentity.Id"/>.</param>
/// <param name="OwnerId">The AppHost's process id.</param>
/// <param name="OwnerStartTicks">The AppHost's start ticks.</param>
/// <param name="Host">The boot and the pid namespace in which the ids mean something.</param>
/// <param name="Groups">Leaders' process ids, with their start ticks.</param>
internal sealed record LeftoverRecord(string RunId, int OwnerId, long OwnerStartTicks, string Host, IReadOnlyDictionary<int, long> Groups)
{
    private const string RunItem = "run";
    private const string OwnerItem = "owner";
    private const string HostItem = "host";
    private const string GroupItem = "group";

    // Its group is everyone to kill(2).
    private const int FirstProcess = 1;

    /// <summary>The boot and pid namespace of this process.</summary>
    public static string CurrentHost()
    {
        var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        return boot + "/" + new FileInfo("/proc/self/ns/pid").LinkTarget;
    }

    /// <summary>Reads a file's text; null when it is not whole.</summary>
    public static LeftoverRecord? Parse(string text)
    {
        var record = new LeftoverRecord("", 0, 0, "", new Dictionary<int, long>());
        var groups = new Dictionary<int, long>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (line.Split(' '))
            {
                case [RunItem, var id]:
                    record = record with { RunId = id };
                    break;
                case [HostItem, var host]:
                    record = record with { Host = host };
                    break;
                case [OwnerItem, var id, var ticks] when TryRead(id, ticks, out var owner, out var ownerTicks):
                    record = record with { OwnerId = owner, OwnerStartTicks = ownerTicks };
                    break;
                case [GroupItem, var id, var ticks] when TryRead(id, ticks, out var leader, out var leaderTicks) && leader > FirstProcess:
                    groups[leader] = leaderTicks;
                    break;
                default:
                    return null;
            }
        }

        return record is { RunId.Length: > 0, Host.Length: > 0, OwnerId: > 0 } ? record with { Groups = groups } : null;
    }

    /// <summary>The file's text.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{RunItem} {RunId}\n{OwnerItem} {OwnerId} {OwnerStartTicks}\n{HostItem} {Host}\n");
        foreach (var (leader, ticks) in Groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"{GroupItem} {leader} {ticks}\n");
        }

        return text.ToString();
    }

    private static bool TryRead(string id, string ticks, out int processId, out long startTicks)
    {
        startTicks = 0;
        return int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out processId)
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out startTicks)
            && processId > 0;
    }
}
