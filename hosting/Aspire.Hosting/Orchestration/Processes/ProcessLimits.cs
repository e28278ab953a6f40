namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Limits of this process, which its children inherit.</summary>
internal static class ProcessLimits
{
    /// <summary>Raises the soft limit of open files (RLIMIT_NOFILE) to the hard one; null where there is no such limit to see.</summary>
    public static FileLimits? RaiseOpenFiles()
    {
        if (!OperatingSystem.IsLinux() || NativeMethods.GetLimit(NativeMethods.OpenFilesResource, out var limit) != 0)
        {
            return null;
        }

        if (limit.Soft < limit.Hard)
        {
            var raised = limit with { Soft = limit.Hard };
            if (NativeMethods.SetLimit(NativeMethods.OpenFilesResource, raised) == 0)
            {
                limit = raised;
            }
        }

        return new FileLimits(limit.Soft, limit.Hard);
    }
}
