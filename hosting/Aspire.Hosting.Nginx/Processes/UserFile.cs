using System.Diagnostics.CodeAnalysis;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>The file with the name of who may come in, and a hash of the password, for nginx's workers alone.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UserFile
{
    private const int SaltLength = 16;

    private readonly string _line;

    private UserFile(string line) => _line = line;

    /// <exception cref="DistributedApplicationException">The password is empty.</exception>
    public static async Task<UserFile?> ReadAsync(NginxBasicAuth? auth, CancellationToken cancellationToken)
    {
        if (auth is null)
        {
            return null;
        }

        var password = await auth.Password.GetValueAsync(cancellationToken).ConfigureAwait(false);
        return string.IsNullOrEmpty(password)
            ? throw new DistributedApplicationException($"WithBasicAuth: the parameter '{auth.Password.Name}' has no value.")
            : new($"{auth.User}:{Hash(password)}\n");
    }

    /// <summary>Writes it if it is not there.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Ensure(string path, WorkerUser? workers)
    {
        if (!File.Exists(path))
        {
            PrivateFile.Write(path, _line, file => Open(file, workers));
        }
    }

    private static void Open(string file, WorkerUser? workers)
    {
        if (workers is not null)
        {
            FileOwner.ChangeGroup(file, workers.GroupId);
            File.SetUnixFileMode(file, PrivateFile.OwnerOnly | UnixFileMode.GroupRead);
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "nginx itself knows no better one on every system.")]
    private static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        byte[] hash = [.. SHA1.HashData([.. Encoding.UTF8.GetBytes(password), .. salt]), .. salt];
        return $"{{SSHA}}{Convert.ToBase64String(hash)}";
    }
}
