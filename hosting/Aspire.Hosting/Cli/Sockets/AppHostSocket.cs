using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.Cli.Hashing;

namespace Aspire.Hosting.Cli.Sockets;

/// <summary>
/// The name of the socket by which the CLI finds an AppHost: 11 characters that tell which AppHost, 8 random ones, and the process id
/// after a dot.
/// </summary>
internal static class AppHostSocket
{
    private const int AppHostIdLength = 11;
    private const int InstanceIdLength = 8;
    private const int InstanceIdBytes = 6;
    private const int NameLength = AppHostIdLength + InstanceIdLength;

    /// <summary>What tells AppHosts apart.</summary>
    /// <param name="realPath">The full path of the project file, without symbolic links.</param>
    public static string IdOf(string realPath)
    {
        var key = OperatingSystem.IsWindows() ? realPath.ToUpperInvariant() : realPath;
        Span<byte> digest = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(digest, XxHash3.Hash(Encoding.UTF8.GetBytes(key)));
        return Base64Url.EncodeToString(digest);
    }

    /// <summary>A new name for a run of an AppHost.</summary>
    public static string NewName(string appHostId, int processId) =>
        string.Create(CultureInfo.InvariantCulture, $"{appHostId}{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(InstanceIdBytes))}.{processId}");

    /// <summary>The process id in a name of this AppHost; null for any other name.</summary>
    public static int? ProcessIdIn(string name, string appHostId) =>
        name.Length > NameLength
        && name[NameLength] == '.'
        && name.StartsWith(appHostId, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(NameLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
            ? processId
            : null;
}
