using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The command of an executable and where it runs.</summary>
[DebuggerDisplay("Command = {Command,nq}, WorkingDirectory = {WorkingDirectory}")]
public sealed class ExecutableAnnotation : IResourceAnnotation
{
    /// <summary>A program on the search path, or a path to one.</summary>
    public required string Command { get; set; }

    /// <summary>The working directory, an absolute path.</summary>
    public required string WorkingDirectory { get; set; }
}
