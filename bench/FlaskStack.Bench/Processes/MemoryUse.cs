namespace FlaskStack.Bench.Processes;

/// <summary>
/// Memory of a stack: what its processes share is counted once, and what they share with others on the machine in full. The
/// kernel's own proportional figure (PSS) would let a stack look smaller the more programs of its kind run beside it, this bench
/// included.
/// </summary>
/// <param name="Bytes">Memory as if the stack were alone on the machine.</param>
/// <param name="KernelBytes">The sum of the kernel's PSS.</param>
internal sealed record MemoryUse(long Bytes, long KernelBytes)
{
    private const int Kibibyte = 1024;

    /// <summary>Reads the memory of everything that runs below this process.</summary>
    /// <param name="exceptProgram">The load, which is no part of the stack.</param>
    public static MemoryUse Read(string? exceptProgram = null) =>
        Sum(ProcessTree.Read().Where(row => row.Program != exceptProgram).Select(row => ProcessMaps.Read(row.Id)).OfType<ProcessMaps>());

    /// <summary>Adds processes up.</summary>
    public static MemoryUse Sum(IEnumerable<ProcessMaps> processes)
    {
        var all = processes.ToList();
        var files = all.SelectMany(process => process.Files)
            .GroupBy(file => file.Mapping, file => file.Kibibytes)
            .Sum(mapping => mapping.Max());
        return new(
            (all.Sum(process => process.OwnKibibytes) + files) * Kibibyte,
            all.Sum(process => process.ProportionalKibibytes) * Kibibyte);
    }
}
