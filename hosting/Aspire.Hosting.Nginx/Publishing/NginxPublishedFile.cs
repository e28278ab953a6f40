namespace Aspire.Hosting.Nginx.Publishing;

/// <summary>A file that a published configuration refers to.</summary>
/// <param name="Path">Its path below the folder of the configuration.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record NginxPublishedFile(string Path, byte[] Content);
