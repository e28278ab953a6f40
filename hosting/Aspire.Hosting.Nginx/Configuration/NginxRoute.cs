namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>A request path and the upstream that answers for it.</summary>
/// <param name="Path">The path; it and everything below it is proxied, unchanged.</param>
/// <param name="Upstream">The name of the upstream.</param>
internal sealed record NginxRoute(string Path, string Upstream);
