namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>A folder nginx serves by itself.</summary>
/// <param name="Path">The request path under which its files appear.</param>
/// <param name="Folder">The absolute path of the folder.</param>
internal sealed record NginxStaticFiles(string Path, string Folder);
