using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>Checks the key of a caller in a time that tells nothing about the right one, not even its length.</summary>
internal sealed class ApiKeyCheck(string? expected)
{
    public const string Header = "x-resource-service-api-key";

    private readonly byte[]? _digest = expected is null ? null : Digest(expected);

    public bool IsAllowed(IHeaderDictionary headers)
    {
        if (_digest is null)
        {
            return true;
        }

        return headers[Header] is [{ } given] && CryptographicOperations.FixedTimeEquals(Digest(given), _digest);
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
