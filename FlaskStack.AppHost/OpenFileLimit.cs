using System.Globalization;

namespace FlaskStack.AppHost;

/// <summary>The limit of open files of this process (<c>ulimit -n</c>).</summary>
internal static class OpenFileLimit
{
    private const string Limits = "/proc/self/limits";
    private const string Line = "Max open files";
    private const int Least = 256;

    /// <summary>Ends the process with one line if the limit is too low even to load its assemblies.</summary>
    public static void Check()
    {
        if (OperatingSystem.IsLinux() && Read() is { } limit && limit < Least)
        {
            Console.Error.WriteLine($"This process may open {limit} files, but needs {Least}: raise the limit (ulimit -n).");
            Environment.Exit(1);
        }
    }

    private static int? Read()
    {
        var line = File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal));
        var soft = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
