namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Who takes nginx's access log.</summary>
/// <param name="Address">The address as <c>syslog:server=</c> writes it: <c>unix:/path</c> or <c>host:port</c>.</param>
/// <param name="Tag">What each message is marked with: letters and digits, at most 32.</param>
/// <param name="Seed">Five hexadecimal digits that set the ids of traces which are not kept apart from another nginx's.</param>
internal sealed record NginxLogServer(string Address, string Tag, string Seed);
