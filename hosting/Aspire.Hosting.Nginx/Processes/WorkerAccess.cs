using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>What nginx's workers, which run as another user where the AppHost is root, may open.</summary>
/// <param name="user">The user they run as; null where it is the AppHost's own.</param>
/// <param name="logger">The log of nginx; it gets one line for each socket that they cannot reach.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class WorkerAccess(WorkerUser? user, ILogger logger)
{
    private const UnixFileMode GroupConnects =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly ConcurrentDictionary<string, bool> _refused = new(StringComparer.Ordinal);

    /// <summary>The user they run as; null where it is the AppHost's own.</summary>
    public WorkerUser? User => user;

    /// <summary>Logs that a new socket in a folder will not be noticed.</summary>
    public void LogNotWatched(string folder, string reason) => Log.FolderNotWatched(logger, folder, reason);

    /// <summary>Lets their group connect to a socket.</summary>
    /// <returns>Whether they can connect now.</returns>
    public bool Admit(string socket)
    {
        if (user is null)
        {
            return true;
        }

        try
        {
            if (FolderTheyCannotEnter(socket) is { } folder)
            {
                return Refuse(socket, $"they may not enter {folder}");
            }

            FileOwner.ChangeGroup(socket, user.GroupId);
            File.SetUnixFileMode(socket, GroupConnects);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has just gone, or is another user's; the next attempt shows which.
            return Refuse(socket, exception.Message);
        }
    }

    private bool Refuse(string socket, string reason)
    {
        if (File.Exists(socket) && _refused.TryAdd(socket, true))
        {
            Log.SocketNotReachable(logger, socket, reason);
        }

        return false;
    }

    private string? FolderTheyCannotEnter(string socket)
    {
        for (var folder = Path.GetDirectoryName(socket); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (!MayEnter(folder) && !PrivateFolder.TryAdmit(folder, user!.GroupId))
            {
                return folder;
            }
        }

        return null;
    }

    private bool MayEnter(string folder)
    {
        var mode = File.GetUnixFileMode(folder);
        if (mode.HasFlag(UnixFileMode.OtherExecute))
        {
            return true;
        }

        var (owner, group) = FileOwner.Of(folder);
        return (owner == user!.Id && mode.HasFlag(UnixFileMode.UserExecute))
            || (group == user.GroupId && mode.HasFlag(UnixFileMode.GroupExecute));
    }
}

/// <summary>The user that nginx's workers run as.</summary>
/// <param name="Id">The user's number.</param>
/// <param name="GroupId">The number of the group the workers run as.</param>
internal sealed record WorkerUser(uint Id, uint GroupId);

/// <summary>Chooses the user that nginx's workers run as when nginx is started as root.</summary>
internal static class WorkerAccount
{
    private const string Users = "/etc/passwd";
    private const string Groups = "/etc/group";

    private static readonly string[] UsualUsers = ["www-data", "nginx", "nobody"];

    /// <summary>Completes what was asked for with a user and a group of this system; without root there is no choice.</summary>
    public static NginxWorkers Complete(NginxWorkers workers, bool isRoot)
    {
        if (!isRoot)
        {
            return workers with { User = null, Group = null };
        }

        var users = Entries(Users);
        var user = workers.User ?? UsualUsers.FirstOrDefault(name => users.Any(entry => entry[0] == name)) ?? "root";
        return workers with { User = user, Group = workers.Group ?? PrimaryGroup(users, user) };
    }

    /// <summary>The ids of the user and its group; null where the workers run as the AppHost's user.</summary>
    public static WorkerUser? Find(NginxWorkers workers)
    {
        if (workers.User is null || Entries(Users).FirstOrDefault(entry => entry[0] == workers.User) is not { Length: > 3 } account)
        {
            return null;
        }

        var group = Entries(Groups).FirstOrDefault(entry => entry.Length > 2 && entry[0] == workers.Group)?[2] ?? account[3];
        return uint.TryParse(account[2], CultureInfo.InvariantCulture, out var id)
            && id != 0
            && uint.TryParse(group, CultureInfo.InvariantCulture, out var groupId)
                ? new(id, groupId)
                : null;
    }

    private static string? PrimaryGroup(IReadOnlyList<string[]> users, string user) =>
        users.FirstOrDefault(entry => entry[0] == user) is { Length: > 3 } account
            ? Entries(Groups).FirstOrDefault(entry => entry.Length > 2 && entry[2] == account[3])?[0]
            : null;

    private static IReadOnlyList<string[]> Entries(string file) =>
        File.Exists(file) ? [.. File.ReadLines(file).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(':'))] : [];
}
