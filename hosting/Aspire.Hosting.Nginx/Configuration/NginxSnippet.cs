namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Directives a user adds: a text of its own, or a folder whose <c>*.conf</c> files are included.</summary>
/// <param name="Context">Where it goes.</param>
/// <param name="Text">The directives, or null for a folder.</param>
/// <param name="Folder">The absolute path of the folder, or null for a text.</param>
internal sealed record NginxSnippet(NginxSnippetContext Context, string? Text, string? Folder);
