namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>The file behind an error page.</summary>
internal static class ErrorPageFile
{
    /// <summary>Why it cannot be shown, in one line, or null.</summary>
    public static string? ProblemWith(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"WithErrorPage: {file} cannot be read: {exception.Message}";
        }
    }

    /// <exception cref="DistributedApplicationException">It cannot be read.</exception>
    public static void Copy(string file, string target)
    {
        if (ProblemWith(file) is { } problem)
        {
            throw new DistributedApplicationException(problem);
        }

        File.Copy(file, target, overwrite: true);
    }
}
