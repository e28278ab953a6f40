using System.Globalization;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Chooses whom nginx's workers run as when nginx is started as root.</summary>
internal static class WorkerAccount
{
    private const string Users = "/etc/passwd";
    private const string Groups = "/etc/group";

    private static readonly string[] UsualUsers = ["www-data", "nginx", "nobody"];

    /// <summary>Completes the wish with what this system has; without root there is nothing to choose.</summary>
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

    /// <summary>The user as the system numbers it; null where the workers run as the AppHost does.</summary>
    public static WorkerUser? Find(NginxWorkers workers)
    {
        if (workers.User is null || Entries(Users).FirstOrDefault(entry => entry[0] == workers.User) is not { Length: > 3 } account)
        {
            return null;
        }

        var group = Entries(Groups).FirstOrDefault(entry => entry.Length > 2 && entry[0] == workers.Group)?[2] ?? account[3];
        return uint.TryParse(account[2], CultureInfo.InvariantCulture, out var id) && id != 0 && uint.TryParse(group, CultureInfo.InvariantCulture, out var groupId)
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
