using System.Globalization;
using System.Text;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Reads <c>/proc</c>; empty where there is none (see proc(5), <c>/proc/pid/stat</c>).</summary>
internal static class ProcessTable
{
    /// <summary>Clock ticks in a second: USER_HZ, the same on every architecture .NET runs on.</summary>
    public const int TicksPerSecond = 100;

    private const string Root = "/proc";

    // Positions after the command name, which is the second field and may itself hold spaces and brackets.
    private const int StateField = 0;
    private const int ParentField = 1;
    private const int GroupField = 2;
    private const int SessionField = 3;
    private const int UserTimeField = 11;
    private const int SystemTimeField = 12;
    private const int StartField = 19;
    private const int ResidentField = 21;
    private const int FieldsRead = 22;

    /// <summary>The process with this id, or null when there is none.</summary>
    public static ProcessStatus? Read(int processId)
    {
        Span<byte> buffer = stackalloc byte[1024];
        try
        {
            using var handle = File.OpenHandle(
                string.Create(CultureInfo.InvariantCulture, $"{Root}/{processId}/stat"),
                share: FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.Read(handle, buffer, 0);
            return Parse(processId, buffer[..length]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process ended between two calls.
            return null;
        }
    }

    /// <summary>Whether this very process still runs.</summary>
    public static bool IsAlive(int processId, long startTicks) =>
        Read(processId) is { IsAlive: true } status && status.StartTicks == startTicks;

    /// <summary>Every process.</summary>
    public static IEnumerable<ProcessStatus> ReadAll()
    {
        if (!Directory.Exists(Root))
        {
            yield break;
        }

        foreach (var processId in Ids())
        {
            if (Read(processId) is { } status)
            {
                yield return status;
            }
        }
    }

    /// <summary>The processes started with this variable (<c>NAME=value</c>), as far as this user may look.</summary>
    public static IEnumerable<ProcessStatus> ReadMarked(string variable) =>
        ReadAll().Where(status => status.IsAlive && HasVariable(status.Id, variable));

    /// <summary>Whether a process was started with this variable (<c>NAME=value</c>), as far as this user may look.</summary>
    public static bool HasVariable(int processId, string variable) => HasVariable(processId, Encoding.UTF8.GetBytes(variable));

    /// <summary>Ids of all processes.</summary>
    internal static IEnumerable<int> Ids() => Numbered(Root);

    /// <summary>Ids of the threads of a process; none when it is gone.</summary>
    internal static IReadOnlyList<int> Threads(int processId)
    {
        try
        {
            return [.. Numbered(string.Create(CultureInfo.InvariantCulture, $"{Root}/{processId}/task"))];
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return [];
        }
    }

    private static IEnumerable<int> Numbered(string folder)
    {
        foreach (var entry in Directory.EnumerateDirectories(folder))
        {
            if (int.TryParse(Path.GetFileName(entry.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                yield return id;
            }
        }
    }

    private static bool HasVariable(int processId, byte[] variable)
    {
        try
        {
            var environment = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"{Root}/{processId}/environ")).AsSpan();
            foreach (var range in environment.Split((byte)0))
            {
                if (environment[range].SequenceEqual(variable))
                {
                    return true;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or another user's.
        }

        return false;
    }

    private static ProcessStatus? Parse(int processId, ReadOnlySpan<byte> line)
    {
        var nameStart = line.IndexOf((byte)'(');
        var nameEnd = line.LastIndexOf((byte)')');
        if (nameStart < 0 || nameEnd < nameStart)
        {
            return null;
        }

        Span<Range> fields = stackalloc Range[FieldsRead + 1];
        Span<char> rest = stackalloc char[line.Length - nameEnd];
        var text = rest[..Encoding.ASCII.GetChars(line[(nameEnd + 1)..], rest)].Trim();
        if (((ReadOnlySpan<char>)text).Split(fields, ' ') < FieldsRead)
        {
            return null;
        }

        return new ProcessStatus(
            processId,
            Encoding.UTF8.GetString(line[(nameStart + 1)..nameEnd]),
            text[fields[StateField]][0],
            (int)Number(text[fields[ParentField]]),
            (int)Number(text[fields[GroupField]]),
            (int)Number(text[fields[SessionField]]),
            Number(text[fields[StartField]]),
            TimeSpan.FromSeconds((double)(Number(text[fields[UserTimeField]]) + Number(text[fields[SystemTimeField]])) / TicksPerSecond),
            Number(text[fields[ResidentField]]) * Environment.SystemPageSize);
    }

    private static long Number(ReadOnlySpan<char> text) => long.Parse(text, CultureInfo.InvariantCulture);
}
