using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>The memory of all process groups at one moment, from <c>/proc</c>. Pages that processes share count for each of them.</summary>
[SupportedOSPlatform("linux")]
internal sealed class GroupMemory
{
    // Positions in /proc/pid/stat after the command name, which may itself hold spaces and brackets.
    private const int GroupField = 2;
    private const int ResidentField = 21;
    private const int FieldsRead = 22;

    private readonly Dictionary<int, long> _bytes = [];

    private GroupMemory()
    {
    }

    /// <summary>Looks at every process once.</summary>
    public static GroupMemory Read()
    {
        var memory = new GroupMemory();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (char.IsAsciiDigit(Path.GetFileName(folder.AsSpan())[0]))
            {
                memory.Add(Path.Join(folder, "stat"));
            }
        }

        return memory;
    }

    /// <summary>The resident memory in bytes of the group that a process leads; null where it leads none.</summary>
    public long? Of(int leader) => _bytes.TryGetValue(leader, out var bytes) ? bytes : null;

    private void Add(string file)
    {
        Span<byte> buffer = stackalloc byte[1024];
        try
        {
            using var handle = File.OpenHandle(file, share: FileShare.ReadWrite | FileShare.Delete);
            Add(buffer[..RandomAccess.Read(handle, buffer, 0)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process ended between two calls.
        }
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        Span<char> text = stackalloc char[line.Length];
        var rest = text[..Encoding.ASCII.GetChars(line[(line.LastIndexOf((byte)')') + 1)..], text)].Trim();
        Span<Range> fields = stackalloc Range[FieldsRead + 1];
        if (((ReadOnlySpan<char>)rest).Split(fields, ' ') < FieldsRead)
        {
            return;
        }

        var group = int.Parse(rest[fields[GroupField]], CultureInfo.InvariantCulture);
        var resident = long.Parse(rest[fields[ResidentField]], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        _bytes[group] = _bytes.GetValueOrDefault(group) + resident;
    }
}
