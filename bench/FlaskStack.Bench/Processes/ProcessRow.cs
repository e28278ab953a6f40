namespace FlaskStack.Bench.Processes;

/// <summary>A process as <c>/proc</c> has it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Parent">Its parent's.</param>
/// <param name="Program">Its name, at most <see cref="LongestProgram"/> characters.</param>
/// <param name="IsEnded">Whether it has ended and waits for its parent to notice.</param>
/// <param name="Ticks">Processor time so far, in the kernel's ticks.</param>
internal sealed record ProcessRow(int Id, int Parent, string Program, bool IsEnded, long Ticks)
{
    /// <summary>Of a longer name the kernel has so many characters.</summary>
    public const int LongestProgram = 15;

    private const int StateField = 0;
    private const int ParentField = 1;
    private const int UserField = 11;
    private const int SystemField = 12;

    /// <summary>Reads a line of <c>/proc/[pid]/stat</c>; the name in it may hold spaces and brackets.</summary>
    public static ProcessRow Parse(string line)
    {
        var nameStart = line.IndexOf('(', StringComparison.Ordinal);
        var nameEnd = line.LastIndexOf(')');
        var fields = line[(nameEnd + 2)..].Split(' ');
        return new(
            Number(line[..nameStart]),
            Number(fields[ParentField]),
            line[(nameStart + 1)..nameEnd],
            fields[StateField] is "Z" or "X",
            long.Parse(fields[UserField], CultureInfo.InvariantCulture) + long.Parse(fields[SystemField], CultureInfo.InvariantCulture));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
