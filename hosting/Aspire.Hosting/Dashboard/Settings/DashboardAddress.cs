using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Aspire.Hosting.Dashboard.Settings;

/// <summary>An address to listen on, as ASP.NET Core spells them: the host may be <c>*</c>.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">A name, an IP address, or a wildcard.</param>
/// <param name="Port">The port; 0 takes a free one.</param>
/// <param name="Key">The configuration key it came from, for messages.</param>
internal sealed record DashboardAddress(string Scheme, string Host, int Port, string Key)
{
    private const string Localhost = "localhost";
    private static readonly string[] Wildcards = ["*", "+", "0.0.0.0", "[::]"];

    /// <summary>The address as Kestrel takes it.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");

    /// <summary>The address as a browser takes it.</summary>
    public string PublicUrl => Wildcards.Contains(Host) ? (this with { Host = Localhost }).Url : Url;

    /// <summary>Whether only this machine reaches it.</summary>
    public bool IsLoopback =>
        string.Equals(Host, Localhost, StringComparison.OrdinalIgnoreCase)
        || Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>An address on both loopback interfaces.</summary>
    public static DashboardAddress OnLoopback(int port, string key) => new(Uri.UriSchemeHttp, Localhost, port, key);

    /// <exception cref="DistributedApplicationException">The text is no such address; the message names the key and the mend.</exception>
    public static DashboardAddress Parse(string text, string key)
    {
        try
        {
            var address = BindingAddress.Parse(text);
            if (address.Scheme is "http" or "https" && address is { IsUnixPipe: false, IsNamedPipe: false, PathBase: "" } && address.Port is >= 0 and <= IPEndPoint.MaxPort)
            {
                return new(address.Scheme, address.Host, address.Port, key);
            }
        }
        catch (FormatException)
        {
            // Said below, with the key.
        }

        throw new DistributedApplicationException(
            $"{key} is '{text}', but it must be an address such as http://localhost:18888: scheme http or https, a host, a port, and no path.");
    }
}
