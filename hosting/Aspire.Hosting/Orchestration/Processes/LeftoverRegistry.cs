using System.Runtime.Versioning;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// A file that lists the groups of this run, so that the next start can end what an AppHost left whose guard was killed with it. Groups
/// are ended only when their owner is dead and pid and start ticks match; several AppHosts may share a folder. A folder that cannot be
/// written is a warning; without a folder nothing is kept.
/// </summary>
internal sealed partial class LeftoverRegistry(RunIdentity identity, string? folder, ILogger<LeftoverRegistry> logger) : IDisposable
{
    private const string Extension = ".run";

    // Records of another boot or container say nothing about the processes here; they are only removed, in time.
    private static readonly TimeSpan ForeignAge = TimeSpan.FromDays(7);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _groups = [];
    private readonly string _path = Path.Combine(folder ?? string.Empty, identity.Id + Extension);
    private bool _warned;
    private bool _closed;

    /// <summary>Ends what dead AppHosts left behind.</summary>
    /// <returns>How many processes were found.</returns>
    public Task<int> ClearAsync(CancellationToken cancellationToken = default) =>
        Task.Run(() => OperatingSystem.IsLinux() && Directory.Exists(folder) ? ClearAll(folder, cancellationToken) : 0, cancellationToken);

    /// <summary>Lists a group.</summary>
    public void Add(int leaderId, long startTicks)
    {
        lock (_lock)
        {
            _groups[leaderId] = startTicks;
            Save();
        }
    }

    /// <summary>Takes a group off the list.</summary>
    public void Remove(int leaderId)
    {
        lock (_lock)
        {
            if (_groups.Remove(leaderId))
            {
                Save();
            }
        }
    }

    /// <summary>Deletes the file, unless groups are still listed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            if (_groups.Count == 0 && folder is not null)
            {
                Delete(_path);
            }
        }
    }

    private void Save()
    {
        if (!OperatingSystem.IsLinux() || folder is null)
        {
            return;
        }

        if (_closed && _groups.Count == 0)
        {
            Delete(_path);
            return;
        }

        try
        {
            UserFolders.Create(folder);
            var record = new LeftoverRecord(identity.Id, identity.OwnerId, identity.OwnerStartTicks, LeftoverRecord.CurrentHost(), _groups);
            var temporary = _path + ".new";
            File.WriteAllText(temporary, record.ToText(), Encoding.ASCII);
            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Warn(exception);
        }
    }

    private void Warn(Exception exception)
    {
        if (!_warned)
        {
            _warned = true;
            Log.NotWritten(logger, _path, exception.Message);
        }
    }

    [SupportedOSPlatform("linux")]
    private int ClearAll(string folder, CancellationToken cancellationToken)
    {
        var cleared = 0;
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*" + Extension))
            {
                cancellationToken.ThrowIfCancellationRequested();
                cleared += Clear(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Warn(exception);
        }

        return cleared;
    }

    [SupportedOSPlatform("linux")]
    private int Clear(string path)
    {
        var record = LeftoverRecord.Parse(File.ReadAllText(path));
        if (record is null || record.Host != LeftoverRecord.CurrentHost())
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > ForeignAge)
            {
                Delete(path);
            }

            return 0;
        }

        if (ProcessTable.IsAlive(record.OwnerId, record.OwnerStartTicks))
        {
            return 0;
        }

        var cleared = End(record);
        if (cleared > 0)
        {
            Log.Cleared(logger, cleared, record.OwnerId);
        }

        Delete(path);
        return cleared;
    }

    [SupportedOSPlatform("linux")]
    private static int End(LeftoverRecord record)
    {
        var groups = record.Groups.Select(group => new ProcessGroup(group.Key, group.Value)).ToList();
        var left = Find(record, groups);
        Signal(groups, left, ProcessSignal.Terminate);
        if (!ProcessGroup.WaitForEnd(left, Grace))
        {
            Signal(groups, Find(record, groups), ProcessSignal.Kill);
        }

        return left.Count;
    }

    [SupportedOSPlatform("linux")]
    private static List<ProcessStatus> Find(LeftoverRecord record, List<ProcessGroup> groups) =>
    [
        .. groups.SelectMany(group => group.Members())
            .Concat(ProcessTable.ReadMarked($"{RunIdentity.VariableName}={record.RunId}"))
            .DistinctBy(status => status.Id),
    ];

    [SupportedOSPlatform("linux")]
    private static void Signal(List<ProcessGroup> groups, List<ProcessStatus> left, ProcessSignal signal)
    {
        foreach (var group in groups)
        {
            group.SignalAll(signal);
        }

        foreach (var process in left.Where(process => ProcessTable.IsAlive(process.Id, process.StartTicks)))
        {
            _ = NativeMethods.Kill(process.Id, (int)signal);
        }
    }

    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Warn(exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Cannot keep the list of processes in {Path} ({Reason}): if AppHost and guard are both killed, processes may be left behind.")]
        public static partial void NotWritten(ILogger logger, string path, string reason);

        [LoggerMessage(LogLevel.Information, "Ended {Count} processes that an earlier run (pid {OwnerId}) left behind.")]
        public static partial void Cleared(ILogger logger, int count, int ownerId);
    }
}
