using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>
/// All processes at one moment, from <c>/proc</c>: the parent, the memory and the processor time of each.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ProcessTable
{
    // Positions in /proc/pid/stat after the command name, which may itself hold spaces and brackets.
    private const int ParentField = 1;
    private const int FirstTimeField = 11;
    private const int TimeFields = 4;
    private const int ResidentField = 21;
    private const int FieldsRead = 22;

    /// <summary>The kernel's clock ticks per second as programs see them (<c>USER_HZ</c>), on every architecture that .NET has.</summary>
    private const int TicksPerSecond = 100;

    private readonly Dictionary<int, Entry> _entries = [];
    private readonly ILookup<int, int> _children;

    private ProcessTable()
    {
        foreach (var id in ProcessIds.All())
        {
            Add(id, string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
        }

        _children = _entries.ToLookup(entry => entry.Value.Parent, entry => entry.Key);
    }

    /// <summary>Reads every process once.</summary>
    public static ProcessTable Read() => new();

    /// <summary>The parent of a process, or null when the process has ended.</summary>
    public int? ParentOf(int process) => _entries.TryGetValue(process, out var entry) ? entry.Parent : null;

    /// <summary>A process and its descendants, parents first; empty when the process has ended.</summary>
    public IReadOnlyList<int> TreeOf(int root)
    {
        if (!_entries.ContainsKey(root))
        {
            return [];
        }

        var tree = new List<int> { root };
        for (var index = 0; index < tree.Count; index++)
        {
            tree.AddRange(_children[tree[index]]);
        }

        return tree;
    }

    /// <summary>The resident memory in bytes of a process and its descendants; shared pages count for each.</summary>
    public long? ResidentBytesOf(int root) => TreeOf(root) is { Count: > 0 } tree ? tree.Sum(id => _entries[id].ResidentBytes) : null;

    /// <summary>The processor time of a process and its descendants, including those that have ended.</summary>
    public TimeSpan? ProcessorTimeOf(int root) =>
        TreeOf(root) is { Count: > 0 } tree ? TimeSpan.FromSeconds(tree.Sum(id => _entries[id].Ticks) / (double)TicksPerSecond) : null;

    private void Add(int id, string file)
    {
        Span<byte> buffer = stackalloc byte[1024];
        try
        {
            using var handle = File.OpenHandle(file, share: FileShare.ReadWrite | FileShare.Delete);
            Add(id, buffer[..RandomAccess.Read(handle, buffer, 0)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process ended between two calls.
        }
    }

    private void Add(int id, ReadOnlySpan<byte> line)
    {
        Span<char> text = stackalloc char[line.Length];
        var rest = text[..Encoding.ASCII.GetChars(line[(line.LastIndexOf((byte)')') + 1)..], text)].Trim();
        Span<Range> fields = stackalloc Range[FieldsRead + 1];
        if (((ReadOnlySpan<char>)rest).Split(fields, ' ') < FieldsRead)
        {
            return;
        }

        var parent = int.Parse(rest[fields[ParentField]], CultureInfo.InvariantCulture);
        var pages = long.Parse(rest[fields[ResidentField]], CultureInfo.InvariantCulture);
        var ticks = 0L;
        foreach (var field in fields.Slice(FirstTimeField, TimeFields))
        {
            ticks += long.Parse(rest[field], CultureInfo.InvariantCulture);
        }

        _entries[id] = new(parent, pages * Environment.SystemPageSize, ticks);
    }

    private readonly record struct Entry(int Parent, long ResidentBytes, long Ticks);
}
