using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>A page for errors that nginx itself produces.</summary>
/// <param name="File">The absolute path of the file.</param>
/// <param name="Codes">The status codes it is shown for, which stay the status of the response.</param>
internal sealed record NginxErrorPage(string File, ImmutableArray<int> Codes);
