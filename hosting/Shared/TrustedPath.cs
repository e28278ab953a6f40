using System.Globalization;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Shared;

/// <summary>Whether other users could have written a file or could replace it.</summary>
/// <remarks>Root and this user are trusted. Only Linux is looked at: macOS does not show the owner of a file.</remarks>
internal static class TrustedPath
{
    private const int MostLinks = 40;
    private const uint Root = 0;
    private const string Users = "/etc/passwd";
    private const string Groups = "/etc/group";

    /// <summary>Checks a file or folder that exists, each folder on the way to it, and each link.</summary>
    /// <param name="path">The absolute path.</param>
    /// <returns>What is wrong, such as <c>/srv belongs to another user</c>, or null.</returns>
    public static string? ProblemWith(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() ? Check(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    /// <summary>The folders on a <c>PATH</c> that only trusted users can write to.</summary>
    public static IEnumerable<string> Folders(string? path) =>
        (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(folder => Path.IsPathFullyQualified(folder) && Directory.Exists(folder) && ProblemWith(folder) is null);

    [SupportedOSPlatform("linux")]
    private static string? Check(string path)
    {
        var current = "/";
        var links = 0;
        var rest = new Stack<string>();
        Push(rest, path);
        while (ProblemAt(current) is var problem)
        {
            if (problem is not null || !rest.TryPop(out var name))
            {
                return problem;
            }

            var next = name == ".." ? Path.GetDirectoryName(current) ?? "/" : Path.Join(current, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }

            if (!IsTrusted(FileOwner.Of(next).User) || ++links > MostLinks)
            {
                return $"the link {next} belongs to another user, or leads nowhere";
            }

            Push(rest, target);
            current = Path.IsPathRooted(target) ? "/" : current;
        }

        return null;
    }

    private static void Push(Stack<string> rest, string path)
    {
        foreach (var name in path.Split('/').Where(static name => name is not ("" or ".")).Reverse())
        {
            rest.Push(name);
        }
    }

    [SupportedOSPlatform("linux")]
    private static string? ProblemAt(string path)
    {
        var (user, group) = FileOwner.Of(path);
        var mode = File.GetUnixFileMode(path);
        // In a folder with this bit, users can replace only what is theirs.
        var isSticky = mode.HasFlag(UnixFileMode.StickyBit) && Directory.Exists(path);
        var othersWrite = mode.HasFlag(UnixFileMode.OtherWrite)
            || (mode.HasFlag(UnixFileMode.GroupWrite) && HasOtherMembers(group));
        return !IsTrusted(user) ? $"{path} belongs to another user"
            : othersWrite && !isSticky ? $"other users can write to {path}"
            : null;
    }

    /// <remarks>In a user namespace without root the system's files belong to an unknown user.</remarks>
    [SupportedOSPlatform("linux")]
    private static bool IsTrusted(uint user) => user == Root || user == FileOwner.UserId || user == FileOwner.Of("/usr").User;

    /// <summary>Whether a group has members who are not trusted: many users have a group of their own.</summary>
    [SupportedOSPlatform("linux")]
    private static bool HasOtherMembers(uint group)
    {
        var number = group.ToString(CultureInfo.InvariantCulture);
        if (group == Root || Entries(Groups).FirstOrDefault(entry => entry.Length > 3 && entry[2] == number) is not { } found)
        {
            return group != Root;
        }

        var members = found[3].Split(',');
        return Entries(Users)
            .Where(entry => entry.Length > 3 && (entry[3] == number || members.Contains(entry[0])))
            .Any(entry => !uint.TryParse(entry[2], CultureInfo.InvariantCulture, out var user) || !IsTrusted(user));
    }

    private static IEnumerable<string[]> Entries(string file) => File.ReadLines(file).Select(static line => line.Split(':'));
}
