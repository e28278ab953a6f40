using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Aspire.Hosting.Orchestration.Projects;

/// <summary>
/// Names a build by its content. Builds are deterministic: equal assemblies mean equal sources. Assemblies are read again only when
/// one has another size or time, because a replica that is replaced waits for the answer. Not safe for use by several threads.
/// </summary>
internal sealed class BuildFingerprint
{
    private const int Length = 16;

    private readonly Dictionary<string, (string Stamp, string Fingerprint)> _known = new(StringComparer.Ordinal);

    /// <param name="folder">Where the build's assemblies are.</param>
    /// <returns>Lower-case hexadecimal digits.</returns>
    public string Of(string folder)
    {
        var assemblies = new DirectoryInfo(folder).GetFiles("*.dll");
        Array.Sort(assemblies, static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        var stamp = Stamp(assemblies);
        if (_known.TryGetValue(folder, out var known) && known.Stamp == stamp)
        {
            return known.Fingerprint;
        }

        var fingerprint = Read(assemblies);
        _known[folder] = (stamp, fingerprint);
        return fingerprint;
    }

    private static string Stamp(FileInfo[] assemblies) =>
        string.Join('\n', assemblies.Select(assembly => $"{assembly.Name} {assembly.Length} {assembly.LastWriteTimeUtc.Ticks}"));

    private static string Read(FileInfo[] assemblies)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{RuntimeInformation.RuntimeIdentifier} {Environment.Version}"));
        foreach (var assembly in assemblies)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(assembly.Name));
            using var content = assembly.OpenRead();
            hash.AppendData(SHA256.HashData(content));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Length];
    }
}
