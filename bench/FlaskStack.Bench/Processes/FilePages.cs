namespace FlaskStack.Bench.Processes;

/// <summary>Pages of a file that a process has in memory.</summary>
/// <param name="Mapping">Device, inode and offset: the same in every process that maps the same part.</param>
/// <param name="Kibibytes">How much of it is resident, without the process's own changes.</param>
internal sealed record FilePages(string Mapping, long Kibibytes);
