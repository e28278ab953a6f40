namespace Aspire.Hosting.Gunicorn.Tests;

/// <summary>A test that runs the gunicorn of this machine, with Flask and gevent; skipped where they are not installed.</summary>
internal sealed class GunicornFactAttribute : FactAttribute
{
    public GunicornFactAttribute()
    {
        if (Missing() is { } missing)
        {
            Skip = $"{missing} is not installed (Debian: apt-get install gunicorn python3-flask python3-gevent).";
        }
    }

    private static string? Missing() =>
        ExecutablePath.Find("gunicorn") is not { } gunicorn ? "gunicorn"
        : File.ReadLines(gunicorn).First().TrimStart('#', '!').Trim() is var python && !Can(python) ? "Flask or gevent"
        : null;

    private static bool Can(string python)
    {
        using var process = System.Diagnostics.Process.Start(python, ["-c", "import flask, gevent"]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
