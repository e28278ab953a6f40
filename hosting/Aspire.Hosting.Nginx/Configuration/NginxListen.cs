using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Where nginx accepts connections.</summary>
/// <param name="Port">The TCP port, 1 to 65,535.</param>
/// <param name="Addresses">IP addresses as nginx writes them, IPv6 in brackets; <c>*</c> for all IPv4 ones.</param>
internal sealed record NginxListen(int Port, ImmutableArray<string> Addresses);
